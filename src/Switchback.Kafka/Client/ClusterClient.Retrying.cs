using System.Diagnostics;

namespace Switchback.Kafka.Client;

/// <content>Trying again until the deadline.</content>
public sealed partial class ClusterClient
{
    /// <summary>
    /// Tries until it succeeds, fails for good, or the deadline passes; the last failure is then thrown. Before another try the metadata is
    /// looked up again where the error says it is old.
    /// </summary>
    private async Task<T> RetryAsync<T>(
        string what, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation, IReadOnlyCollection<string>? topics = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            Exception failure;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(_options.RequestTimeout);
            try
            {
                return await attempt(limit.Token).ConfigureAwait(false);
            }
            catch (KafkaErrorException e) when (e.Error.IsRetriable())
            {
                failure = e;
            }
            catch (KafkaConnectionException e) when (!e.IsAuthenticationFailure)
            {
                failure = e;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                failure = new KafkaConnectionException($"{what}: no answer within {_options.RequestTimeout.TotalSeconds:0.#} s");
            }

            if (Stopwatch.GetElapsedTime(started) + _options.RetryDelay >= _options.Deadline)
                throw failure;
            await Task.Delay(_options.RetryDelay, cancellation).ConfigureAwait(false);
            if (topics is not null)
                await TryRefreshAsync(topics, cancellation).ConfigureAwait(false);
        }
    }

    private async Task TryRefreshAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.RequestTimeout);
        try
        {
            await AskMetadataAsync(topics, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaErrorException or KafkaConnectionException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // The next try says what is wrong, with the metadata there is.
            return;
        }
    }
}
