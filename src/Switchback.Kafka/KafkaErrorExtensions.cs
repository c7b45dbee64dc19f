namespace Switchback.Kafka;

/// <summary>What an error code means for a caller.</summary>
public static class KafkaErrorExtensions
{
    /// <summary>
    /// Whether the same request may succeed later without a change: what the Java client calls a retriable error. Some of them want a new
    /// look at the metadata or at the coordinator first, see <see cref="WantsNewMetadata"/> and <see cref="WantsNewCoordinator"/>.
    /// </summary>
    public static bool IsRetriable(this KafkaError error) => error is
        KafkaError.CorruptMessage
        or KafkaError.UnknownTopicOrPartition
        or KafkaError.LeaderNotAvailable
        or KafkaError.NotLeaderOrFollower
        or KafkaError.RequestTimedOut
        or KafkaError.ReplicaNotAvailable
        or KafkaError.NetworkException
        or KafkaError.CoordinatorLoadInProgress
        or KafkaError.CoordinatorNotAvailable
        or KafkaError.NotCoordinator
        or KafkaError.NotEnoughReplicas
        or KafkaError.NotEnoughReplicasAfterAppend
        or KafkaError.NotController
        or KafkaError.ConcurrentTransactions
        or KafkaError.KafkaStorageError
        or KafkaError.FetchSessionIdNotFound
        or KafkaError.InvalidFetchSessionEpoch
        or KafkaError.ListenerNotFound
        or KafkaError.FencedLeaderEpoch
        or KafkaError.UnknownLeaderEpoch
        or KafkaError.OffsetNotAvailable
        or KafkaError.PreferredLeaderNotAvailable
        or KafkaError.EligibleLeadersNotAvailable
        or KafkaError.ElectionNotNeeded
        or KafkaError.UnstableOffsetCommit
        or KafkaError.ThrottlingQuotaExceeded
        or KafkaError.UnknownTopicId
        or KafkaError.InconsistentTopicId
        or KafkaError.FetchSessionTopicIdError
        or KafkaError.ShareSessionNotFound
        or KafkaError.InvalidShareSessionEpoch
        or KafkaError.ShareSessionLimitReached;

    /// <summary>Whether the leader or topic known to the client is out of date.</summary>
    public static bool WantsNewMetadata(this KafkaError error) => error is
        KafkaError.UnknownTopicOrPartition
        or KafkaError.UnknownTopicId
        or KafkaError.InconsistentTopicId
        or KafkaError.LeaderNotAvailable
        or KafkaError.NotLeaderOrFollower
        or KafkaError.ReplicaNotAvailable
        or KafkaError.ListenerNotFound
        or KafkaError.FencedLeaderEpoch
        or KafkaError.UnknownLeaderEpoch
        or KafkaError.NotController
        or KafkaError.NetworkException
        or KafkaError.KafkaStorageError;

    /// <summary>Whether the coordinator known to the client is out of date.</summary>
    public static bool WantsNewCoordinator(this KafkaError error) => error is
        KafkaError.NotCoordinator or KafkaError.CoordinatorNotAvailable;
}
