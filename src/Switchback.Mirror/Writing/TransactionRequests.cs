using System.Diagnostics;
using Switchback.Kafka;
using Switchback.Kafka.Client;

namespace Switchback.Mirror.Writing;

/// <summary>Requests to the coordinator of one transactional id, wherever it is just now.</summary>
internal sealed class TransactionRequests(ClusterClient target, string transactionalId)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer is final, or patience ends; an answer that says to try again is not final.</summary>
    /// <param name="highest">The highest version to ask in.</param>
    public async Task<TResponse> AskAsync<TRequest, TResponse>(
        IKafkaRequest<TRequest, TResponse> request, short highest, Func<TResponse, KafkaError> errorOf, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                var connection = await target.ConnectToCoordinatorAsync(CoordinatorType.Transaction, transactionalId, cancellation).ConfigureAwait(false);
                var version = Math.Min(highest, connection.NegotiatedVersion(request));
                var response = await connection.SendAsync(request, version, cancellation).ConfigureAwait(false);
                if (!errorOf(response).IsRetriable() || Stopwatch.GetElapsedTime(started) > Patience)
                    return response;
            }
            catch (KafkaErrorException e) when (e.Error == KafkaError.CoordinatorNotAvailable && Stopwatch.GetElapsedTime(started) < Patience)
            {
                // A cluster that has had no transaction so far makes its coordinators now: ask again.
                await Task.Yield();
            }

            await Task.Delay(Pause, cancellation).ConfigureAwait(false);
        }
    }
}
