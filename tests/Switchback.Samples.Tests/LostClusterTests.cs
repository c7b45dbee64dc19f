using System.Net;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Broker;
using Switchback.Broker.Configuration;

namespace Switchback.Samples.Tests;

/// <summary>What the samples do once their cluster is gone.</summary>
public sealed class LostClusterTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("samples-lost-");
    private EmbeddedCluster? _cluster;
    private string _bootstrap = "";

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new BrokerOptions { DataDirectory = Path.Combine(_directory.FullName, "data"), Listen = ["127.0.0.1:0"] };
        _cluster = await EmbeddedCluster.StartAsync(options, NullLogger.Instance);
        _bootstrap = _cluster.BootstrapServers;
    }

    public async ValueTask DisposeAsync()
    {
        await LoseClusterAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_producer_refuses_what_it_could_only_keep_in_its_buffer()
    {
        await using var producer = new SampleProcess(
            Repository.Sample("ChuckProducer", "chuck-producer"), Configuration("client.id=p\ntopic=chuck-java-topic"), ("CHUCK_HTTP_PORT", "0"));
        using var http = new HttpClient { BaseAddress = await producer.HttpAddress() };
        await producer.Until("readiness", async () => await http.GetAsync(new Uri("/ready", UriKind.Relative), Test) is { IsSuccessStatusCode: true } ok ? ok : null);
        Assert.Equal(HttpStatusCode.OK, (await SayAsync()).StatusCode);

        await LoseClusterAsync();
        using var refused = await producer.Until("refusal", async () => await SayAsync() is { StatusCode: HttpStatusCode.ServiceUnavailable } answer ? answer : null);

        Assert.True(refused.Headers.ConnectionClose);
        var sent = producer.Output.Count(line => line.StartsWith("""{"event":"sent",""", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SayAsync()).StatusCode);
        Assert.Equal(sent, producer.Output.Count(line => line.StartsWith("""{"event":"sent",""", StringComparison.Ordinal)));

        Task<HttpResponseMessage> SayAsync() => http.PostAsync(new Uri("/chuck-says", UriKind.Relative), null, Test);
    }

    [Fact]
    public async Task A_consumer_whose_commit_nobody_answers_ends_at_once()
    {
        await using (var producer = new SampleProcess(
            Repository.Sample("ChuckProducer", "chuck-producer"), Configuration("client.id=p\ntopic=chuck-java-topic"), ("CHUCK_HTTP_PORT", "0")))
        {
            using var http = new HttpClient { BaseAddress = await producer.HttpAddress() };
            foreach (var wait in Enumerable.Repeat("", 2_000).Append("?wait=true"))
            {
                using var said = await http.PostAsync(new Uri($"/chuck-says{wait}", UriKind.Relative), null, Test);
                said.EnsureSuccessStatusCode();
            }
        }

        // It commits after each record, and has fetched many: it goes on reading, and committing, when the cluster is gone.
        await using var consumer = new SampleProcess(
            Repository.Sample("ChuckConsumer", "chuck-consumer"),
            Configuration("client.id=c\ngroup.id=g\ntopic=chuck-java-topic\nauto.offset.reset=earliest\nmax.poll.records=1\nsession.timeout.ms=6000"));
        await consumer.Line("delivery", line => line.StartsWith("""{"event":"delivered",""", StringComparison.Ordinal));
        await LoseClusterAsync();
        await consumer.Until("time-out", () => Task.FromResult(consumer.Errors.Contains("SESSTMOUT", StringComparison.Ordinal) ? "yes" : null));
        consumer.Terminate();

        Assert.Equal(0, await consumer.Exit());
        Assert.Contains("the group is not left: its cluster does not answer", consumer.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_is_told_and_says_of_which_log_it_is_so_that_one_that_was_cut_back_is_noticed()
    {
        await using var producer = new SampleProcess(
            Repository.Sample("ChuckProducer", "chuck-producer"), Configuration("client.id=p\ntopic=chuck-java-topic"), ("CHUCK_HTTP_PORT", "0"));
        using var http = new HttpClient { BaseAddress = await producer.HttpAddress() };
        using var said = await http.PostAsync(new Uri("/chuck-says?wait=true", UriKind.Relative), null, Test);
        said.EnsureSuccessStatusCode();
        await using var consumer = new SampleProcess(
            Repository.Sample("ChuckConsumer", "chuck-consumer"), Configuration("client.id=c\ngroup.id=g\ntopic=chuck-java-topic\nauto.offset.reset=earliest"));

        var told = await consumer.Line("commit", line => line.StartsWith("""{"event":"offsetCommitted","id":"g",""", StringComparison.Ordinal));

        using var json = JsonDocument.Parse(told);
        var place = new TopicPartition(json.RootElement.GetProperty("topic").GetString(), json.RootElement.GetProperty("partition").GetInt32());
        using var asking = new ConsumerBuilder<byte[], byte[]>([new("bootstrap.servers", _bootstrap), new("group.id", "g")]).Build();
        var committed = Assert.Single(asking.Committed([place], TimeSpan.FromSeconds(30)));
        Assert.Equal(json.RootElement.GetProperty("offset").GetInt64(), committed.Offset.Value);
        Assert.True(committed.LeaderEpoch >= 0, $"the epoch is {committed.LeaderEpoch}");
    }

    private async Task LoseClusterAsync()
    {
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        _cluster = null;
    }

    private string Configuration(string rest)
    {
        var path = Path.Combine(_directory.FullName, $"{Guid.NewGuid():N}.properties");
        File.WriteAllText(path, $"bootstrap.servers={_bootstrap}\n{rest}\n");
        return path;
    }
}
