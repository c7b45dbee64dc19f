using System.Text.Json.Serialization;

namespace Switchback.Drills.Load;

/// <summary>One request of the load and how it ended.</summary>
/// <param name="Target">The target's name; in a drill the producer it goes to.</param>
/// <param name="AtMs">When it was due, in milliseconds since the load's clock began.</param>
/// <param name="TookMs">From then to its end.</param>
/// <param name="Status">The HTTP status; 0 where there was no answer.</param>
/// <param name="Error">Why there was no answer.</param>
internal sealed record LoadSample(string Target, double AtMs, double TookMs, int Status, string? Error = null)
{
    /// <summary>Whether it was answered with a status of success.</summary>
    [JsonIgnore]
    public bool Succeeded => Status is >= 200 and < 300;
}
