using Switchback.Drills.Ledger;
using Switchback.Drills.Running.Observing;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running;

/// <summary>A switch that was made, and the rollouts it gives until the next one: exactly one of each workload it concerns, none of any other.</summary>
internal sealed class OpenSwitch(IReadOnlyList<SwitchSpec> changes, string to, RolloutObserver rollouts, ClientObserver clients, double atMs)
{
    private readonly Dictionary<string, long> before = rollouts.Names.ToDictionary(name => name, rollouts.Revision);
    private readonly Dictionary<string, double> completedMs = [];

    private IEnumerable<string> Concerned => changes.SelectMany(change => change.Rolls).Distinct();

    /// <summary>Whether every workload of the switch has rolled and is complete, and nothing of the old is left; notes when each was complete.</summary>
    public bool IsComplete(double nowMs)
    {
        foreach (var name in Concerned)
        {
            if (!completedMs.ContainsKey(name) && Observed(name) > 0 && rollouts.IsComplete(name))
            {
                completedMs[name] = nowMs;
            }
        }

        return Concerned.All(name => completedMs.ContainsKey(name) && clients.HaveEnded(name, atMs));
    }

    /// <summary>What was seen, for the ledger; asked once, when the next switch is made or the drill has settled.</summary>
    public IEnumerable<RolloutFact> Facts()
    {
        foreach (var name in rollouts.Names)
        {
            var change = changes.FirstOrDefault(change => change.Rolls.Contains(name));
            yield return new RolloutFact(
                $"{change?.ConfigMap ?? "any change"} to {to}",
                name,
                change is null ? 0 : 1,
                (int)Observed(name),
                completedMs.TryGetValue(name, out var at) ? at - atMs : null);
        }
    }

    private long Observed(string name) => rollouts.Revision(name) - before.GetValueOrDefault(name);
}
