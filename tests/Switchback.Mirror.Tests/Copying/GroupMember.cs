using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Tests.Copying;

/// <summary>A member of a classic group, on a connection of its own: a JoinGroup that waits holds up whatever comes after it.</summary>
internal sealed class GroupMember(string bootstrap, string group) : IAsyncDisposable
{
    private readonly ClusterClient _client = TopicData.Connect(bootstrap);
    private string _id = "";
    private int _generation;

    /// <summary>Joins; ends when everybody else has joined too, or was given up.</summary>
    public async Task JoinAsync()
    {
        while (true)
        {
            var response = await AskAsync(new JoinGroupRequest
            {
                GroupId = group,
                MemberId = _id,
                SessionTimeoutMs = 45_000,
                RebalanceTimeoutMs = 45_000,
                ProtocolType = "consumer",
                Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range", Metadata = new byte[8] }],
            });
            switch (response.ErrorCode)
            {
                case KafkaError.None:
                    _generation = response.GenerationId;
                    await AskAsync(new SyncGroupRequest
                    {
                        GroupId = group,
                        MemberId = _id,
                        GenerationId = response.GenerationId,
                        ProtocolType = "consumer",
                        ProtocolName = "range",
                        Assignments = [new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = _id, Assignment = new byte[8] }],
                    });
                    return;
                case KafkaError.MemberIdRequired:
                    _id = response.MemberId;
                    break;
                case var error when error.IsRetriable():
                    break;
                default:
                    throw new KafkaErrorException(response.ErrorCode, $"join {group}");
            }
        }
    }

    /// <summary>Commits as the member it is.</summary>
    public async Task CommitAsync(TopicPartition partition, long offset)
    {
        var connection = await _client.ConnectToCoordinatorAsync(CoordinatorType.Group, group, TestContext.Current.CancellationToken);
        var request = new OffsetCommitRequest { GroupId = group, GenerationIdOrMemberEpoch = _generation, MemberId = _id };
        request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic
        {
            Name = partition.Topic,
            Partitions = [new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = partition.Partition, CommittedOffset = offset, CommittedMetadata = "" }],
        });
        var response = await connection.SendAsync(request, Math.Min((short)9, connection.NegotiatedVersion(request)), TestContext.Current.CancellationToken);
        Assert.Equal(KafkaError.None, response.Topics[0].Partitions[0].ErrorCode);
    }

    /// <summary>Leaves, in good order.</summary>
    public async Task LeaveAsync()
    {
        var response = await AskAsync(new LeaveGroupRequest { GroupId = group, Members = [new LeaveGroupRequest.MemberIdentity { MemberId = _id }] });
        Assert.Equal(KafkaError.None, response.ErrorCode);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<TResponse> AskAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        KafkaConnection? connection = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    connection = await _client.ConnectToCoordinatorAsync(CoordinatorType.Group, group, TestContext.Current.CancellationToken);
                    return true;
                }
                catch (KafkaErrorException e) when (e.Error.IsRetriable())
                {
                    return false;
                }
            },
            $"a coordinator of {group}");
        return await connection!.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
