using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Processes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Probes;

/// <summary>The outcome of one try: whether it succeeded, and what is said where it did not.</summary>
internal sealed record HandlerResult(bool Succeeded, string Message);

/// <summary>Carries out the actions that probes and lifecycle hooks share: an HTTP request, a connection, a command in the container.</summary>
/// <param name="network">The pod's network.</param>
/// <param name="container">The container's specification, for the names of its ports.</param>
internal sealed class HandlerRunner(IPodNetwork network, JsonObject container)
{
    private const int MostOutput = 10 * 1024;

    // A probe asks whether the program answers, not who it is: the kubelet does not verify either.
#pragma warning disable CA5359
    /// <summary>One client for all: each probe is a connection of its own, as the kubelet's is.</summary>
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore CA5359

    /// <summary>Runs the action of a probe or hook.</summary>
    /// <param name="handler">The object with <c>httpGet</c>, <c>tcpSocket</c>, <c>exec</c> or <c>sleep</c> in it.</param>
    /// <param name="process">The running container.</param>
    /// <param name="timeout">After which it has failed.</param>
    /// <param name="cancellation">Gives it up.</param>
    public async Task<HandlerResult> RunAsync(JsonObject handler, ContainerProcess process, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            if (handler.Object("httpGet") is { } http)
            {
                return await GetAsync(http, limit.Token);
            }

            if (handler.Object("tcpSocket") is { } tcp)
            {
                return await ConnectAsync(tcp, limit.Token);
            }

            if (handler.Object("exec") is { } exec)
            {
                return await ExecuteAsync(exec, process, timeout, limit.Token);
            }

            if (handler.Object("sleep") is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(sleep.Number("seconds") ?? 0), limit.Token);
                return new HandlerResult(true, "");
            }

            return new HandlerResult(false, "missing probe handler: the embedded node knows httpGet, tcpSocket and exec");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new HandlerResult(false, "context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
        catch (HttpRequestException exception)
        {
            return new HandlerResult(false, $"Get \"{Address(handler.Object("httpGet")!)}\": {exception.InnerException?.Message ?? exception.Message}");
        }
        catch (SocketException exception)
        {
            return new HandlerResult(false, $"dial tcp: {exception.Message}");
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or IOException or Win32Exception)
        {
            // A host or a header that is none, a port that no machine has, a command that the system does not start.
            return new HandlerResult(false, exception.Message);
        }
    }

    private async Task<HandlerResult> GetAsync(JsonObject http, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(http));
        request.Headers.ConnectionClose = true;
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.32");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in http.Items("httpHeaders"))
        {
            if (header.Text("name") is { } name && name.Equals("host", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.Host = header.Text("value");
            }
            else
            {
                request.Headers.TryAddWithoutValidation(header.Text("name") ?? "", header.Text("value"));
            }
        }

        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var code = (int)response.StatusCode;
        return new HandlerResult(code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
    }

    private Uri Address(JsonObject http)
    {
        var host = http.Text("host") is { Length: > 0 } told ? told : network.Address.ToString();
        var path = http.Text("path") ?? "/";
        return new Uri(string.Create(CultureInfo.InvariantCulture,
            $"{(http.Text("scheme") ?? "HTTP").ToLowerInvariant()}://{(host.Contains(':') ? $"[{host}]" : host)}:{Port(http)}{(path.StartsWith('/') ? "" : "/")}{path}"));
    }

    private async Task<HandlerResult> ConnectAsync(JsonObject tcp, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(tcp.Text("host") is { Length: > 0 } host ? new DnsEndPoint(host, Port(tcp)) : new IPEndPoint(network.Address, Port(tcp)), cancellation);
        return new HandlerResult(true, "");
    }

    /// <summary>A number, or the name of one of the container's ports; where the network gave the pod another, that one.</summary>
    private int Port(JsonObject handler)
    {
        var port = handler.At("port") is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? (int)(handler.Number("port") ?? 0)
            : (int)(container.Items("ports").FirstOrDefault(one => one.Text("name") == handler.Text("port"))?.Number("containerPort")
                ?? (int.TryParse(handler.Text("port"), CultureInfo.InvariantCulture, out var number) ? number : 0));
        return network.Ports.TryGetValue(port, out var real) ? real : port;
    }

    private static async Task<HandlerResult> ExecuteAsync(JsonObject exec, ContainerProcess process, TimeSpan timeout, CancellationToken cancellation)
    {
        if (process.HasEnded)
        {
            return new HandlerResult(false, "container not running");
        }

        using var command = process.Execute([.. (exec.At("command") as JsonArray)?.Select(part => part?.ToString() ?? "") ?? []]);
        try
        {
            var output = ReadAsync(command.StandardOutput.BaseStream, cancellation);
            var error = ReadAsync(command.StandardError.BaseStream, cancellation);
            await command.WaitForExitAsync(cancellation);
            command.StandardInput.Close();
            var said = await output + await error;
            return new HandlerResult(command.ExitCode == 0, said.Length > 0 ? said : $"command exited with {command.ExitCode}");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new HandlerResult(false, $"command timed out: \"{string.Join(' ', command.StartInfo.ArgumentList.Skip(3))}\" timed out after {timeout.TotalSeconds:0}s");
        }
        finally
        {
            if (!command.HasExited)
            {
                // Afterwards its id may be another's; what it left running ends with the pipe.
                Signal.SendToGroup(command.Id, Signal.Kill);
            }

            command.StandardInput.Close();
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var text = new MemoryStream();
        var buffer = new byte[1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (text.Length < MostOutput)
            {
                text.Write(buffer, 0, read);
            }
        }

        // The launcher's own first line is not the command's.
        var said = System.Text.Encoding.UTF8.GetString(text.ToArray());
        return said.StartsWith(LaunchScript.StartedMark, StringComparison.Ordinal) ? said[LaunchScript.StartedMark.Length..] : said.TrimStart('\0');
    }
}
