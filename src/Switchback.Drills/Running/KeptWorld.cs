namespace Switchback.Drills.Running;

/// <summary><c>--keep</c>: everything stays up after the verdict, to look around, until Ctrl-C.</summary>
internal static class KeptWorld
{
    public static async Task StayAsync(DrillWorld world, CancellationToken cancellation)
    {
        world.Console.Phase("everything is still up; look around in another terminal, and end it here with Ctrl-C");
        world.Console.Command(world.Platform.KubectlSetup);
        world.Console.Command("kubectl get pods,services -A");
        world.Console.Command("kubectl logs -n clients deployment/java-cloud-consumer -f");
        foreach (var cluster in world.Clusters.Values)
        {
            world.Console.Line($"{cluster.Name}: {string.Join(",", cluster.BootstrapServers)}; certificate {cluster.AuthorityFile}");
        }

        world.Console.Line($"logs of every part: {world.Folder.Logs}");
        await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
