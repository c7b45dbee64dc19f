namespace Switchback.Drills.Load;

/// <summary>Shows how far a load test is: one line that is overwritten on a terminal, a line each tenth elsewhere.</summary>
/// <param name="requests">How many requests there are in all.</param>
public sealed class LoadProgress(int requests) : IProgress<int>
{
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Lock _gate = new();
    private int _shown;

    /// <inheritdoc/>
    public void Report(int value)
    {
        var step = Math.Max(1, requests / (_terminal ? 100 : 10));
        if (value % step != 0 && value != requests)
        {
            return;
        }

        lock (_gate)
        {
            // Reports of two users may overtake each other; the count shown never goes back.
            if (value <= _shown)
            {
                return;
            }

            _shown = value;
            Console.Error.Write(_terminal ? $"\r{value} of {requests} requests{(value == requests ? "\n" : "")}" : $"{value} of {requests} requests\n");
        }
    }
}
