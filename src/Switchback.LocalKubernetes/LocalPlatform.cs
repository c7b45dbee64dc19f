using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.LocalKubernetes.Admission;
using Switchback.LocalKubernetes.Api;
using Switchback.LocalKubernetes.Api.Resources;
using Switchback.LocalKubernetes.Authentication;
using Switchback.LocalKubernetes.Authorization;
using Switchback.LocalKubernetes.Controllers;
using Switchback.LocalKubernetes.Lifecycle;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node;
using Switchback.LocalKubernetes.Node.Images;
using Switchback.LocalKubernetes.Node.Logs;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes;

/// <summary>
/// The embedded Kubernetes: an API server, controllers and a node that runs containers as processes, in this process. Started it serves; disposed, every pod has ended.
/// </summary>
public sealed class LocalPlatform : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Stack<IAsyncDisposable> parts = new();
    private Task running = Task.CompletedTask;

    private LocalPlatform(string directory) => KubeConfigPath = Path.Combine(directory, "kubeconfig");

    /// <summary>Where the API listens, for example <c>https://127.0.0.1:6443</c>.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1/");

    /// <summary>The kubeconfig of the administrator; readable by its owner only.</summary>
    public string KubeConfigPath { get; }

    /// <summary>The network pods run on: <c>namespaces</c> or <c>shared</c>.</summary>
    public string NetworkMode { get; private set; } = "";

    /// <summary>Starts the platform; when this returns, it serves.</summary>
    /// <exception cref="LocalPlatformException">It cannot run; one line says why.</exception>
    public static async Task<LocalPlatform> StartAsync(LocalPlatformOptions options, CancellationToken cancellation = default)
    {
        LocalPlatform? platform = null;
        try
        {
            var directory = Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
            platform = new LocalPlatform(directory);
            await platform.StartPartsAsync(options, directory, cancellation);
            return platform;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException or NetworkException)
        {
            await (platform?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw new LocalPlatformException(failure.Message, failure);
        }
        catch
        {
            await (platform?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <summary>Runs until cancelled, then ends every pod.</summary>
    public static async Task RunAsync(LocalPlatformOptions options, Action<LocalPlatform> ready, CancellationToken cancellation)
    {
        await using var platform = await StartAsync(options, cancellation);
        ready(platform);
        await Task.WhenAny(platform.running, Task.Delay(Timeout.Infinite, cancellation));
        if (platform.running.IsFaulted)
        {
            await platform.running;
        }
    }

    /// <summary>Stops serving and ends every pod.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // That is how its parts end.
        }
        finally
        {
            while (parts.TryPop(out var part))
            {
                await part.DisposeAsync();
            }

            stopping.Dispose();
        }
    }

    private async Task StartPartsAsync(LocalPlatformOptions options, string directory, CancellationToken cancellation)
    {
        ILoggerFactory logs = options.Logs ?? NullLoggerFactory.Instance;
        var clock = TimeProvider.System;

        // 1. What was there before, and the keys; the network's set-up mostly waits for other programs meanwhile.
        var networking = Task.Run(() => NodeNetwork.CreateAsync(options.Network, Path.Combine(directory, "subnet"), cancellation), CancellationToken.None);
        parts.Push(new StartingNetwork(networking));
        var store = new ObjectStore(Path.Combine(directory, "state.jsonl"), new AdmissionChain(), clock);
        Own(store);
        var identity = Identity.Load(directory);
        Own(identity);

        var contents = new NamespaceContents(store, identity.AuthorityPem);
        Bootstrap.Ensure(store, contents);

        // 2. The network: its address is one that the API server listens on.
        var network = await networking;
        NetworkMode = network.Mode;
        var addresses = ListenAddresses.Choose(options.Listen, network.NodeAddress, Path.Combine(directory, "port"));
        Address = new UriBuilder("https", addresses[0].Address.ToString(), addresses[0].Port).Uri;

        // 3. Whoever changes objects.
        var tokens = new ServiceAccountTokens(identity.TokenKey, store, clock);
        var node = new NodeAgent(store, network, NodeOptions(options, directory, addresses[0].Port, new PodTokens(tokens, clock)), logs.CreateLogger<NodeAgent>());
        running = SuperviseAsync(
            node.RunAsync(stopping.Token),
            ControllerManager.RunAsync(store, logs.CreateLogger("Switchback.LocalKubernetes.Controllers"), stopping.Token),
            new NamespaceController(store, contents, logs.CreateLogger<NamespaceController>()).RunAsync(stopping.Token),
            new GarbageCollector(store, logs.CreateLogger<GarbageCollector>()).RunAsync(stopping.Token));

        // 4. The door opens last.
        var certificate = identity.MakeServingCertificate(addresses.Select(address => address.Address));
        Own(certificate);
        var handler = Handler(store, contents, identity, tokens, node.Logs, clock, logs);
        parts.Push(await ApiServer.StartAsync(addresses, certificate, handler, logs, cancellation));
        KubeConfigWriter.Write(KubeConfigPath, Address, identity);
    }

    /// <summary>The parts live and end together: one that fails takes the platform down, rather than leaving half of it.</summary>
    private async Task SuperviseAsync(params Task[] tasks)
    {
        await Task.WhenAny(tasks);
        await stopping.CancelAsync();
        await Task.WhenAll(tasks);
    }

    private static ApiHandler Handler(
        ObjectStore store, NamespaceContents contents, Identity identity, ServiceAccountTokens tokens, IContainerLogs containerLogs, TimeProvider clock, ILoggerFactory logs)
    {
        var writer = new ObjectWriter(clock);
        var authorizer = new RbacAuthorizer(store);
        var resources = new ResourceEndpoints(
            new ReadEndpoints(store, new ListPages(clock), writer),
            new WatchEndpoint(store, writer),
            new WriteEndpoints(store, writer, contents),
            new PatchEndpoint(store, writer),
            new DeleteEndpoints(store, writer),
            new ScaleEndpoint(store),
            new LogEndpoint(store, containerLogs, clock),
            new TokenEndpoint(tokens),
            new AccessReviewEndpoint(authorizer, writer));
        return new ApiHandler(new Authenticator(identity.AdminToken, tokens), authorizer, resources, logs.CreateLogger<ApiHandler>());
    }

    private static NodeAgentOptions NodeOptions(LocalPlatformOptions options, string directory, int port, PodTokens tokens) => new()
    {
        Directory = directory,
        Catalogue = ImageCatalogue.Create(
            options.ApplicationDirectory ?? Environment.GetEnvironmentVariable("SWITCHBACK_APP") ?? AppContext.BaseDirectory,
            options.CatalogueFile is { } file ? CatalogueFile.Read(file) : null),
        Tokens = tokens,
        ApiServerPort = port,
        TrustFile = options.TrustFile is { } trust ? Path.GetFullPath(trust) : null,
    };

    private sealed class StartingNetwork(Task<INodeNetwork> network) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await (await network).DisposeAsync();
            }
            catch (Exception) when (!network.IsCompletedSuccessfully)
            {
                // It never came to be, and whoever waited for it has been told why.
            }
        }
    }

    private void Own(IDisposable part) => parts.Push(new Owned(part));

    private sealed class Owned(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
