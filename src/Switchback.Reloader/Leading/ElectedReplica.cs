using Switchback.Kubernetes;

namespace Switchback.Reloader.Leading;

/// <summary>One of several replicas.</summary>
internal sealed class ElectedReplica(LeaderElection election) : ILeadership
{
    public bool IsLeader => election.IsLeader;
}
