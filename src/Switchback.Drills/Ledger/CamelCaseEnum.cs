using System.Text.Json;
using System.Text.Json.Serialization;

namespace Switchback.Drills.Ledger;

/// <summary>Enumerations as the contract writes them: <c>producer</c>, not <c>Producer</c>; and no numbers.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
