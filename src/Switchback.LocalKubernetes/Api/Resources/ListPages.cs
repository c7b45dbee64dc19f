using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <param name="Items">The objects of this page.</param>
/// <param name="ResourceVersion">Of the whole list: the same on every page.</param>
/// <param name="Continue">Asks for the next page; null on the last.</param>
/// <param name="Remaining">How many come after this page.</param>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long ResourceVersion, string? Continue, int Remaining);

/// <summary>
/// Lists handed out page by page, all as of the moment of the first: the rest of a list waits here under its token for five minutes; the oldest go when there are too many.
/// </summary>
internal sealed class ListPages(TimeProvider clock)
{
    private const int MostWaiting = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Lock gate = new();
    private readonly LinkedList<(string Token, ObjectList List, int From, DateTimeOffset Until)> waiting = [];

    /// <param name="list">The whole list.</param>
    /// <param name="limit">Most objects of a page; 0 for all.</param>
    public ListPage Begin(ObjectList list, int limit) => Page(list, 0, limit);

    /// <exception cref="StatusException">410 when the list is no longer there, 400 for what was never a token.</exception>
    public ListPage Continue(string token, int limit)
    {
        if (!Guid.TryParseExact(token, "N", out _))
        {
            throw StatusException.BadRequest("invalid continue token: continue key is not valid");
        }

        lock (gate)
        {
            for (var node = waiting.First; node is not null; node = node.Next)
            {
                if (node.Value.Token == token && node.Value.Until >= clock.GetUtcNow())
                {
                    // It stays: a client may ask for the same page again.
                    return Page(node.Value.List, node.Value.From, limit);
                }
            }
        }

        throw StatusException.Expired(
            "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");
    }

    private ListPage Page(ObjectList list, int from, int limit)
    {
        var left = list.Items.Count - from;
        if (limit <= 0 || left <= limit)
        {
            return new ListPage(from == 0 ? list.Items : [.. list.Items.Skip(from)], list.ResourceVersion, null, 0);
        }

        var token = Guid.NewGuid().ToString("N");
        lock (gate)
        {
            waiting.AddLast((token, list, from + limit, clock.GetUtcNow() + Patience));
            while (waiting.Count > MostWaiting || waiting.First!.Value.Until < clock.GetUtcNow())
            {
                waiting.RemoveFirst();
            }
        }

        return new ListPage([.. list.Items.Skip(from).Take(limit)], list.ResourceVersion, token, left - limit);
    }
}
