using System.Text.Json.Serialization;

namespace Switchback.Drills.Running.Clusters;

/// <summary>Quoting of texts in the mirror's configuration.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class MirrorJson : JsonSerializerContext;
