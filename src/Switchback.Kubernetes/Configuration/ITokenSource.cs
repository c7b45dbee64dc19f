namespace Switchback.Kubernetes;

/// <summary>Hands out the bearer token of the moment.</summary>
public interface ITokenSource
{
    /// <summary>The token to send now. Never logged.</summary>
    ValueTask<string> GetAsync(CancellationToken cancellation);
}

/// <summary>A token that never changes.</summary>
internal sealed class StaticToken(string token) : ITokenSource
{
    public ValueTask<string> GetAsync(CancellationToken cancellation) => new(token);
}

/// <summary>A token in a file that is renewed from outside, as a service account's is: read again every half minute.</summary>
internal sealed class FileToken(string path) : ITokenSource
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);
    private (string Text, long ReadAt)? cached;

    public async ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        if (cached is { } fresh && TimeProvider.System.GetElapsedTime(fresh.ReadAt) < Lifetime)
        {
            return fresh.Text;
        }

        var text = (await File.ReadAllTextAsync(path, cancellation)).Trim();
        cached = (text, TimeProvider.System.GetTimestamp());
        return text;
    }
}
