"""What a real store says that does not encrypt."""

from typing import Literal

import pytest

from clinical_coding.errors import StorageError
from consumers.lake_objects import objects_of, refuse_unencrypted
from runtime.settings import LandingSettings


@pytest.mark.parametrize("kind", ["SSE-S3", "SSE-KMS"])
def test_the_landing_does_not_start_on_a_store_that_cannot_encrypt(
    lake_settings: LandingSettings, kind: Literal["SSE-S3", "SSE-KMS"]
) -> None:
    settings = lake_settings.model_copy(update={"s3_encryption": kind})

    with pytest.raises(StorageError, match=r"NotImplemented|confirm encryption"):
        refuse_unencrypted(settings)

    assert not objects_of(lake_settings, lake_settings.lake).names("_encryption")
