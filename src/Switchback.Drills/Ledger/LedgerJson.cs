using System.Text.Json;
using System.Text.Json.Serialization;
using Switchback.Drills.Load;

namespace Switchback.Drills.Ledger;

/// <summary>How the ledger's files are written: one JSON object a line, camel case, nothing for null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters =
    [
        typeof(CamelCaseEnum<ObservationKind>), typeof(CamelCaseEnum<SnapshotMoment>), typeof(CamelCaseEnum<StepKind>),
        typeof(CamelCaseEnum<ClientRole>), typeof(CamelCaseEnum<ClientRoute>),
    ],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(DrillFacts))]
[JsonSerializable(typeof(Observation))]
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(SnapshotFact))]
[JsonSerializable(typeof(PhaseFact))]
[JsonSerializable(typeof(StepFact))]
[JsonSerializable(typeof(PodFact))]
[JsonSerializable(typeof(RolloutFact))]
[JsonSerializable(typeof(LoadSample))]
[JsonSerializable(typeof(ProxySample))]
internal sealed partial class LedgerJson : JsonSerializerContext;
