using Switchback.Kafka;
using Switchback.Kafka.Client;

namespace Switchback.Mirror.Groups;

/// <summary>A group's coordinator on one side, looked up once and again when it is not the one any more: half of a round's requests would be lookups otherwise.</summary>
internal sealed class GroupCoordinator(ClusterClient client, string group)
{
    private KafkaEndpoint? _known;

    /// <summary>Asks the coordinator. One that was known from before and has moved or gone is looked up at once.</summary>
    /// <exception cref="KafkaErrorException">There is none now, or it refused.</exception>
    public async Task<T> AskAsync<T>(Func<KafkaConnection, Task<T>> ask, CancellationToken cancellation)
    {
        if (_known is { } known)
        {
            try
            {
                return await AskAsync(known, ask, cancellation).ConfigureAwait(false);
            }
            catch (Exception moved) when (moved is KafkaConnectionException or KafkaErrorException { Error: KafkaError.NotCoordinator })
            {
                // Somewhere else, or nowhere: the lookup says.
            }
        }

        return await AskAsync(await client.FindCoordinatorAsync(CoordinatorType.Group, group, cancellation).ConfigureAwait(false), ask, cancellation).ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(KafkaEndpoint coordinator, Func<KafkaConnection, Task<T>> ask, CancellationToken cancellation)
    {
        _known = null;
        var answer = await ask(await client.ConnectAsync(coordinator, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        _known = coordinator;
        return answer;
    }
}
