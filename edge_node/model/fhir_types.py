"""The names of FHIR resources, operations and parameters: what may be told of an address that somebody wrote.

Knows: the types of STU3, R4 and R5, operations and search parameters that the specification or guides define.
Must not know: which of them may be exchanged.

An address is written by whoever sends it: a name in it that is none of these may be somebody's.
"""

import re
from typing import Final

ANOTHER: Final = "another"

_TYPES: Final = """
Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance
Appointment AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct
BiologicallyDerivedProductDispense BodySite BodyStructure Bundle CapabilityStatement CarePlan CareTeam
CatalogEntry ChargeItem ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression
ClinicalUseDefinition CodeSystem Communication CommunicationRequest CompartmentDefinition Composition
ConceptMap Condition ConditionDefinition Consent Contract Coverage CoverageEligibilityRequest
CoverageEligibilityResponse DataElement DetectedIssue Device DeviceAlert DeviceAssociation DeviceComponent
DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage DeviceUseStatement DiagnosticReport
DocumentManifest DocumentReference EffectEvidenceSynthesis EligibilityRequest EligibilityResponse Encounter
EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
EvidenceReport EvidenceVariable ExampleScenario ExpansionProfile ExplanationOfBenefit FamilyMemberHistory Flag
FormularyItem GenomicStudy Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingManifest
ImagingSelection ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
ImplementationGuide Ingredient InsurancePlan InventoryItem InventoryReport Invoice Library Linkage List
Location ManufacturedItemDefinition Measure MeasureReport Media Medication MedicationAdministration
MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement MedicinalProduct
MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake
NutritionOrder NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome
Organization OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice
PaymentReconciliation Permission Person PlanDefinition Practitioner PractitionerRole Procedure
ProcedureRequest ProcessRequest ProcessResponse Provenance Questionnaire QuestionnaireResponse ReferralRequest
RegulatedAuthorization RelatedPerson RequestGroup RequestOrchestration Requirements ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule
SearchParameter Sequence ServiceDefinition ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition
StructureMap Subscription SubscriptionStatus SubscriptionTopic Substance SubstanceDefinition
SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
SubstanceSourceMaterial SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan TestReport
TestScript Transport ValueSet VerificationResult VisionPrescription
"""
_OPERATIONS: Final = """
$activate-tkid $apply $cancel $closure $data-requirements $delete-dossier $document $everything $evaluate $expand
$export $find $graph $is-allowed $lastn $lookup $match $meta $meta-add $meta-delete $notify-task
$process-message $purge $release $snapshot $stats $submit $subsumes $transform $translate $validate
$validate-code
"""
_PARAMETERS: Final = """
_content _count _elements _filter _format _has _id _include _lastUpdated _list _pretty _profile _revinclude
_security _sort _source _summary _tag _text _total _type above account action active actor address agent
appointment appointment-type asserter author authored authored-on authoredon based-on below birthdate body-site bsn
care-manager care-team category characteristic city class clinical-status code code-value-concept
code-value-quantity combo-code component-code composition condition conditions consent contains context
context-type cost country created criticality custodian data-absent-reason date deceased definition department
derived-from destination detail device diagnosis domain effective email encounter end entity entity-name
entity-type event exact expiration-date family focus format gender general-practitioner given goal group-identifier
handling has-member history id identifier implicated in in-text instantiates intended-dispenser intended-performer
intended-performertype intent item iterate last-date length link location lot-number manifestation manufacturer
medication method missing modified name near not not-in note number of-type offset onset onset-age onset-date order
organization outcome owner parent part-of participant participant-role patient payor performer period phone
phonetic policy policy-uri practitioner prescription priority procedure questionnaire reason reason-code
reason-given reason-not-given reason-reference recipient recorded-date recorder ref reference related related-ref
relatesto relation relationship replaces request requester requestor resource responsibleparty role route schedule
scope section security-label sent serial service-category service-type severity site slot source
special-arrangement specialty specimen start state status status-reason strength subject supporting-info
target-date target-disease telecom text title topic type url vaccine-code value-concept value-date value-quantity
value-string verification-status version whenhandedover whenprepared
"""
TYPES: Final = frozenset(_TYPES.split())
PARAMETERS: Final = frozenset(_PARAMETERS.split())
_PARTS: Final = re.compile("[.:]")
OPERATIONS: Final = frozenset(_OPERATIONS.split())


def type_shown(name: str) -> str:
    """A type of resource, as it may be told."""
    return name if name in TYPES else ANOTHER


def operation_shown(name: str) -> str:
    """An operation, as it may be told."""
    return name if name in OPERATIONS else f"${ANOTHER}"


def parameter_shown(name: str) -> str:
    """The name of a search parameter, with what it is chained to or changed by, as it may be told."""
    return name if all(word in PARAMETERS or word in TYPES for word in _PARTS.split(name)) else ANOTHER
