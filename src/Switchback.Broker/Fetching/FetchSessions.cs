using System.Security.Cryptography;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Fetching;

/// <summary>What a request asks for once its session is taken into account.</summary>
internal sealed record FetchPlan(FetchSession? Session, bool IsIncremental, IReadOnlyList<FetchedPartition> Partitions, KafkaError Error = KafkaError.None)
{
    public static FetchPlan Refused(KafkaError error) => new(null, false, [], error);
}

/// <summary>The fetch sessions of one broker. When there are too many, the one unused for longest gives way, if it was unused for two minutes.</summary>
internal sealed class FetchSessions(int slots, TimeProvider time)
{
    private const int FinalEpoch = -1;
    private const long EvictionMs = 120_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, FetchSession> _sessions = [];

    public FetchPlan Plan(FetchRequest request, bool topicIds)
    {
        lock (_gate)
        {
            if (request.SessionEpoch is 0 or FinalEpoch)
            {
                _sessions.Remove(request.SessionId);
                var session = new FetchSession(0) { UsesTopicIds = topicIds };
                session.Update(request);
                if (request.SessionEpoch == 0 && session.Count > 0 && Slot() is { } id)
                {
                    session = new FetchSession(id) { UsesTopicIds = topicIds, LastUsed = Now };
                    session.Update(request);
                    _sessions.Add(id, session);
                }

                return new FetchPlan(session.Id == 0 ? null : session, false, session.Partitions);
            }

            return Continue(request, topicIds);
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private FetchPlan Continue(FetchRequest request, bool topicIds)
    {
        if (!_sessions.TryGetValue(request.SessionId, out var session))
            return FetchPlan.Refused(KafkaError.FetchSessionIdNotFound);
        if (session.UsesTopicIds != topicIds)
            return FetchPlan.Refused(KafkaError.FetchSessionTopicIdError);
        if (session.Epoch != request.SessionEpoch)
            return FetchPlan.Refused(KafkaError.InvalidFetchSessionEpoch);
        session.Update(request);
        session.AdvanceEpoch();
        session.LastUsed = Now;
        if (session.Count > 0)
            return new FetchPlan(session, true, session.Partitions);

        // A session without partitions is of no use to anyone.
        _sessions.Remove(session.Id);
        return new FetchPlan(null, false, []);
    }

    private int? Slot()
    {
        if (_sessions.Count >= slots)
        {
            var oldest = _sessions.Values.MinBy(s => s.LastUsed);
            if (oldest is null || Now - oldest.LastUsed < EvictionMs)
                return null;
            _sessions.Remove(oldest.Id);
        }

        int id;
        do
            id = RandomNumberGenerator.GetInt32(1, int.MaxValue);
        while (_sessions.ContainsKey(id));
        return id;
    }
}
