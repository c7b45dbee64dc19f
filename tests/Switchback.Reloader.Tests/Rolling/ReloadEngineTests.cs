using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;
using Switchback.Reloader.Rolling;
using Switchback.Reloader.Serving;
using Switchback.Reloader.Tests.Gates;

namespace Switchback.Reloader.Tests.Rolling;

public sealed class ReloadEngineTests : IDisposable
{
    private readonly KubernetesClient client;
    private readonly ReloadEngine engine;

    public ReloadEngineTests()
    {
        var options = new ReloaderOptions { Cluster = new KubeConfig { Server = new Uri("http://127.0.0.1:9") }, Logging = NullLoggerFactory.Instance };
        client = new KubernetesClient(options.Cluster);
        engine = new ReloadEngine(options, new Complaints(new EventRecorder(client, NullLogger.Instance), NullLogger.Instance), parallelism: 1);
    }

    public void Dispose()
    {
        engine.Dispose();
        client.Dispose();
    }

    [Fact]
    public void Hashes_are_kept_and_what_was_read_is_not()
    {
        WeakReference[] read = [Resource(), Workload()];
        GC.Collect();
        Assert.All(read, gone => Assert.False(gone.IsAlive, "an object that was read is still held"));
        var (view, evaluation, _) = engine.Look(new WorkloadKey(WorkloadKind.Deployment, Given.Namespace, "web"))!.Value;
        Assert.Equal("web", view.Key.Name);
        Assert.Matches("^[0-9a-f]{40}$", Assert.Single(evaluation.Marks).Value);
    }

    // In methods of their own, so that no local variable keeps what they made.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Resource()
    {
        var read = Given.ConfigMap("config", "value");
        engine.ResourceChanged(ResourceKind.ConfigMap, read);
        engine.ResourcesSynchronized(ResourceKind.ConfigMap, null);
        return new WeakReference(read);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Workload()
    {
        JsonObject read = Given.Workload("web", Given.Named("config"));
        engine.WorkloadChanged(WorkloadKind.Deployment, read);
        return new WeakReference(read);
    }
}
