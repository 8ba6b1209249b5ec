"""Every exchange that FHIR carries: asked and sent through the broker, in JSON and in XML."""

from tests.stories.fhir_exchanges import FhirExchangeStory, fhir_exchange_tests


@fhir_exchange_tests
class TestFhir(FhirExchangeStory):
    """Bodies, addresses and status pass untouched; each attempt has a requestID of its own in the same chain."""
