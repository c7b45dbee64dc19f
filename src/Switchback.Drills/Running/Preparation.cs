using System.Net;
using System.Text.Json.Nodes;
using Switchback.Drills.Ledger;
using Switchback.Drills.Running.Clusters;
using Switchback.Drills.Running.Faults;
using Switchback.Drills.Running.Observing;
using Switchback.Drills.Running.Platform;
using Switchback.Drills.Scenarios;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running;

/// <summary>Brings a scenario's world up: the platform, the clusters, the topics, the mirror, then the manifests, until every workload is ready.</summary>
internal sealed class Preparation(Scenario scenario, DrillOptions options, CancellationToken cancellation)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public async Task<DrillWorld> BringUpAsync()
    {
        var clock = DrillClock.Start();
        var console = new DrillConsole(DrillConsole.StandardOutput(), clock);
        var parts = new DrillParts(options.Program);
        var folder = new DrillFolder(options.Report);
        var started = new Stack<IAsyncDisposable>();
        try
        {
            console.Phase($"{scenario.Name}: bringing everything up");
            using var certificates = new DrillCertificates(folder.Of("tls"));
            IDrillPlatform platform = options.Kubernetes == DrillOptions.Embedded
                ? await EmbeddedPlatform.StartAsync(parts, folder, options.Network, certificates.AuthorityFile, cancellation)
                : await ContextPlatform.ConnectAsync(options.Kubernetes, cancellation);
            started.Push(platform);
            if (platform is not EmbeddedPlatform && scenario.Faults.Any(fault => fault.Target == FaultNames.Platform))
            {
                throw new DrillException($"the scenario has faults of the platform, which only an embedded one can have: {options.Kubernetes} is left alone");
            }

            console.Line($"Kubernetes serves on {platform.Client.Config.Server} (network: {platform.Network})");

            var clusters = await StartClustersAsync(platform, parts, folder, certificates, started, console);
            // By the process and not by the seed: drills that are played side by side look for ports at other places.
            var mirror = new MirrorProcess(scenario, clusters, new Random(~Environment.ProcessId), parts, folder);
            started.Push(mirror);
            var relays = Relays(clusters, mirror);
            relays.Values.ToList().ForEach(started.Push);
            await TopicSetup.CreateAsync(scenario, clusters.Values, cancellation);
            console.Line($"topics: {string.Join(", ", scenario.Topics.Values.Select(topic => $"{topic.Name} on {string.Join(" and ", topic.On)}"))}");

            await mirror.StartAsync(cancellation);
            console.Line($"mirror: {string.Join(", ", scenario.Links.Values.Select(link => $"{link.Name} ({link.Prefix}*)"))}");

            var manifests = Filled(new Placeholders(clusters.Values), out var placeholders);
            await platform.ClaimAsync(manifests, cancellation);
            var ledger = LedgerWriter.Create(options.Report, Facts(clock, platform, manifests));
            var active = scenario.Clients.Keys.ToDictionary(name => name, _ => clusters.Keys.First());
            var world = new DrillWorld
            {
                Scenario = scenario,
                Clock = clock,
                Console = console,
                Folder = folder,
                Platform = platform,
                Clusters = clusters,
                Mirror = mirror,
                Relays = relays,
                Placeholders = placeholders,
                Ledger = ledger,
                ActiveCluster = active,
                Clients = new ClientObserver(platform.Client, scenario.Clients, ledger, clock, name => active.GetValueOrDefault(name)),
                Proxies = new ProxyObserver(platform.Client, scenario.Clients, ledger, clock),
                Rollouts = new RolloutObserver(platform.Client, [.. manifests.Select(manifest => manifest.Namespace).Where(ns => ns.Length > 0).Distinct()]),
            };
            started.Push(world);
            await ApplyAsync(world, manifests);
            await CopyingAsync(world);
            return world;
        }
        catch
        {
            while (started.TryPop(out var part))
            {
                await part.DisposeAsync();
            }

            folder.Dispose();
            throw;
        }
    }

    private async Task<IReadOnlyDictionary<string, DrillCluster>> StartClustersAsync(
        IDrillPlatform platform, DrillParts parts, DrillFolder folder, DrillCertificates certificates, Stack<IAsyncDisposable> started, DrillConsole console)
    {
        if (options.Kafka != DrillOptions.Embedded && scenario.Faults.Any(fault => fault.Kind == FaultKind.PowerLoss))
        {
            throw new DrillException($"the scenario has a power-loss, which only embedded clusters can have: --kafka {DrillOptions.Embedded} would be right");
        }

        if (scenario.Faults.Any(fault => fault.Kind == FaultKind.DiskFull))
        {
            FileSizeLimit.LetChildrenSurvive();
        }

        var random = new Random(Environment.ProcessId);
        var clusters = scenario.Clusters.Values.ToDictionary(
            spec => spec.Name,
            DrillCluster (spec) => options.Kafka == DrillOptions.Embedded
                ? new EmbeddedCluster(spec, platform.HostAddress, IsCut(spec.Name), random, parts, folder, certificates)
                : new ApacheCluster(spec, platform.HostAddress, IsCut(spec.Name), random, folder, certificates));
        foreach (var cluster in clusters.Values)
        {
            started.Push(cluster);
        }

        await Task.WhenAll(clusters.Values.Select(cluster => cluster.StartAsync(cancellation)));
        foreach (var cluster in clusters.Values)
        {
            console.Line($"cluster {cluster.Name}: {string.Join(", ", cluster.BootstrapServers)} (SASL_SSL, PLAIN)");
        }

        return clusters;
    }

    private bool IsCut(string cluster) => scenario.Faults.Any(fault => fault.Kind == FaultKind.Cut && fault.Target == cluster);

    private Dictionary<string, ClusterRelay> Relays(IReadOnlyDictionary<string, DrillCluster> clusters, MirrorProcess mirror) =>
        clusters.Values.Where(cluster => IsCut(cluster.Name)).ToDictionary(
            cluster => cluster.Name,
            cluster => new ClusterRelay(
                cluster.BootstrapServers.Zip(cluster.Listeners, (found, listens) => (IPEndPoint.Parse(found), IPEndPoint.Parse(listens))),
                peer => mirror.ProcessId is { } process && SocketOwner.Is(peer, process) ? RelayPeer.Mirror
                    : SocketOwner.Is(peer, Environment.ProcessId) ? RelayPeer.Drill
                    : RelayPeer.Client));

    private List<JsonObject> Filled(Placeholders values, out Placeholders placeholders)
    {
        placeholders = values;
        var manifests = scenario.Manifests.SelectMany(ManifestFolder.Read).Select(values.Fill).ToList();

        // The origin's user creates the namespaces by hand; where the manifests bring them they come first.
        foreach (var ns in manifests.Select(manifest => manifest.Namespace).Where(ns => ns.Length > 0).Distinct().ToList())
        {
            if (!manifests.Exists(manifest => manifest.Kind == "Namespace" && manifest.Name == ns))
            {
                manifests.Add(ResourceNames.Namespaces.NewObject(ns));
            }
        }

        return [.. manifests.OrderBy(manifest => manifest.Kind == "Namespace" ? 0 : 1)];
    }

    private async Task ApplyAsync(DrillWorld world, List<JsonObject> manifests)
    {
        foreach (var manifest in manifests)
        {
            await world.Platform.Client.ApplyAsync(manifest, cancellation);
        }

        foreach (var folder in scenario.Manifests)
        {
            world.Console.Command($"kubectl apply -{(File.Exists(Path.Combine(folder, "kustomization.yaml")) ? 'k' : 'f')} {Path.GetRelativePath(Environment.CurrentDirectory, folder)}");
        }

        world.StartObserving();
        var deployments = manifests.Where(manifest => manifest.Kind == "Deployment").Select(manifest => manifest.Name).ToList();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(world.Platform.ReadyWithin);
        try
        {
            while (!deployments.TrueForAll(world.Rollouts.IsComplete))
            {
                await Task.Delay(Poll, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var missing = string.Join(", ", deployments.Where(name => !world.Rollouts.IsComplete(name)));
            throw new DrillException($"not ready within {world.Platform.ReadyWithin.TotalSeconds:0} s: {missing}; {await Complaints.OfAsync(world.Platform.Client, cancellation)}");
        }

        world.Console.Line($"ready: {string.Join(", ", deployments)}");
    }

    /// <summary>A fault before every link copies would show what a mirror costs that is not there yet, and Apache Kafka takes some seconds to make its own topics.</summary>
    private async Task CopyingAsync(DrillWorld world)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(world.Platform.ReadyWithin);
        try
        {
            while (!await world.Mirror.IsCaughtUpAsync(patience.Token))
            {
                await Task.Delay(Poll, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DrillException($"not every link copies within {world.Platform.ReadyWithin.TotalSeconds:0} s; see {world.Folder.LogOf("mirror")}");
        }

        world.Console.Line($"copying: {string.Join(", ", scenario.Links.Keys)}");
    }

    private DrillFacts Facts(DrillClock clock, IDrillPlatform platform, List<JsonObject> manifests) => new()
    {
        Scenario = scenario.Name,
        Kafka = options.Kafka,
        Kubernetes = options.Kubernetes,
        Network = platform.Network,
        Fault = (scenario.Disaster ?? scenario.Faults.FirstOrDefault()) is { } fault ? FaultNames.Verdict(fault.Kind) : "none",
        Seed = options.Seed,
        Started = clock.Started,
        Clusters = [.. scenario.Clusters.Keys],
        LostCluster = scenario.Disaster?.Target,
        Links =
        [
            .. scenario.Links.Values.Select(link => new LinkFact(
                link.Name, link.Source, link.Target, link.Prefix,
                [.. scenario.Topics.Values.Where(topic => topic.On.Contains(link.Source)).Select(topic => topic.Name)],
                link.SyncsOffsets,
                link.OffsetSyncMs)),
        ],
        Clients =
        [
            .. scenario.Clients.Values.Select(client => new ClientFact(
                client.Name,
                client.IsProducer ? ClientRole.Producer : ClientRole.Consumer,
                client.ThroughProxy ? ClientRoute.Proxy : ClientRoute.Direct,
                client.Topic,
                client.IsProducer ? null : client.Group,
                client.IsProducer ? null : new ClientSettings(client, manifests).SessionTimeoutMs,
                client.Namespace,
                !client.IsProducer && new ClientSettings(client, manifests).ReadsUncommitted)),
        ],
        Bars = scenario.Bars,
    };
}
