namespace Switchback.Drills.Scenarios;

/// <summary>One thing a scenario does or waits for. The runner knows these, and no scenario.</summary>
internal abstract record Step;

/// <summary><c>load: start|stop</c>: the requests to every producer begin or end.</summary>
internal sealed record LoadStep(bool Start) : Step;

/// <summary>A fault: <c>crash: TARGET</c> and the like; the target is a cluster, <c>mirror</c> or <c>platform</c>.</summary>
/// <param name="Cut">What a <see cref="FaultKind.Cut"/> cuts; null for others.</param>
internal sealed record FaultStep(FaultKind Kind, string Target, NetworkCut? Cut = null) : Step;

/// <summary>A fault is undone: <c>start: TARGET</c> and the like.</summary>
/// <param name="From">What it is undone from.</param>
internal sealed record RecoverStep(FaultKind From, string Target) : Step;

/// <summary><c>switch: { clients: [..], to: CLUSTER }</c>: one ConfigMap change for each named kind of client.</summary>
internal sealed record SwitchStep(IReadOnlyList<string> Switches, string To) : Step;

/// <summary><c>run: DURATION</c>: the scenario's own time; nothing is done.</summary>
internal sealed record RunStep(TimeSpan Duration) : Step;

/// <summary><c>wait: { CONDITION, within: DURATION }</c>. What has not come by then is recorded, and the drill goes on: a client that never returns is a finding.</summary>
internal sealed record WaitStep(WaitCondition Condition, int Records, TimeSpan Within) : Step;

/// <summary>What a <see cref="WaitStep"/> waits for.</summary>
internal enum WaitCondition
{
    /// <summary><c>records: N</c>: each producer had N acknowledged and each consumer N delivered since the wait began.</summary>
    Records,

    /// <summary><c>rollouts: complete</c>: every workload of the switches made in this phase runs its new template, and nothing of the old is left.</summary>
    Rollouts,

    /// <summary><c>mirrors: caught-up</c>: every link has nothing left to copy, and has brought every group's place over.</summary>
    Mirrors,

    /// <summary><c>consumers: quiet</c>: nothing was delivered to any consumer for two seconds.</summary>
    Consumers,
}
