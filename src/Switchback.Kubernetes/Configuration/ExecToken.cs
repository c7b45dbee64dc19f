using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>A token from the program the kubeconfig names under <c>exec</c>, as the clouds' clusters use it; kept until it expires.</summary>
internal sealed class ExecToken(string command, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string apiVersion)
    : ITokenSource, IDisposable
{
    private readonly SemaphoreSlim running = new(1, 1);
    private string? token;
    private DateTimeOffset expires;

    public async ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        await running.WaitAsync(cancellation);
        try
        {
            if (token is null || expires - DateTimeOffset.UtcNow < TimeSpan.FromSeconds(10))
            {
                (token, expires) = await RunAsync(cancellation);
            }

            return token;
        }
        finally
        {
            running.Release();
        }
    }

    public void Dispose() => running.Dispose();

    private async Task<(string Token, DateTimeOffset Expires)> RunAsync(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] =
            new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = "ExecCredential", ["spec"] = new JsonObject { ["interactive"] = false } }.ToJsonString();
        using var process = Process.Start(start) ?? throw new KubeConfigException($"exec: {command} did not start");
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new KubeConfigException($"exec: {command} ended with exit code {process.ExitCode}");
        }

        try
        {
            var credential = JsonNode.Parse(output) as JsonObject;
            var issued = credential?.Text("status", "token") ?? throw new KubeConfigException($"exec: {command} gave no status.token");
            var until = credential.Text("status", "expirationTimestamp");
            return (issued, until is null ? DateTimeOffset.MaxValue : DateTimeOffset.Parse(until, CultureInfo.InvariantCulture));
        }
        catch (JsonException)
        {
            // The output may hold the credential: it must not reach a message.
            throw new KubeConfigException($"exec: {command} did not print an ExecCredential");
        }
    }
}
