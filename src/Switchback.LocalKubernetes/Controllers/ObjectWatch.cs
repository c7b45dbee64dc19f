using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Node;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers;

/// <summary>Follows all objects of a type without end: where the watch falls behind the store's history it begins again with everything present.</summary>
internal static class ObjectWatch
{
    /// <summary>Calls the handler for each change, one after the other, until cancelled.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Which type.</param>
    /// <param name="handle">Called for each addition, change and deletion. After a restart additions are repeated, and deletions can be missing:
    /// <paramref name="restarted"/> says so before.</param>
    /// <param name="logger">For what goes wrong.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="restarted">Called before everything is told again.</param>
    public static async Task FollowAsync(
        ObjectStore store, ResourceType type, Action<WatchEvent> handle, ILogger logger, CancellationToken cancellation, Action? restarted = null)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in store.WatchAsync(type, cancellation: cancellation))
                {
                    if (change.Type != WatchEventType.Bookmark)
                    {
                        handle(change);
                    }
                }
            }
            catch (StatusException exception)
            {
                NodeLog.WatchAgain(logger, type.QualifiedName, exception.Message);
                restarted?.Invoke();
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
