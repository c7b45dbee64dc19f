using System.Text.Json;
using System.Text.Json.Serialization;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Verdicts;

/// <summary>How <c>verdict.json</c> is written.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters =
    [
        typeof(CamelCaseEnum<StepKind>), typeof(CamelCaseEnum<ClientRole>), typeof(CamelCaseEnum<ClientRoute>),
    ],
    WriteIndented = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class VerdictJson : JsonSerializerContext;
