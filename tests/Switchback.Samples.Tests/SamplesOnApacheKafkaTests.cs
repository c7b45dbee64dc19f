using System.Text.Json;

namespace Switchback.Samples.Tests;

/// <summary>The samples as a user runs them, against Apache Kafka over TLS and SASL.</summary>
public sealed class SamplesOnApacheKafkaTests(SecureApacheKafkaBroker kafka) : IClassFixture<SecureApacheKafkaBroker>, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("samples-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task What_is_said_over_HTTP_is_acknowledged_delivered_by_pattern_and_committed()
    {
        ApacheKafka.RequireHome();
        await ToolAsync("topics", "--create", "--topic", "north-chuck-java-topic", "--partitions", "2");
        await ToolAsync("topics", "--create", "--topic", "chuck-java-topic-other");

        await using var producer = Producer("client.id=chuck-java-producer\ntopic=north-chuck-java-topic");
        await using var consumer = Consumer();
        using var http = new HttpClient { BaseAddress = await producer.HttpAddress() };
        await producer.Until("readiness", async () =>
            await http.GetAsync(new Uri("/ready", UriKind.Relative), TestContext.Current.CancellationToken) is { IsSuccessStatusCode: true } ok ? ok : null);

        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var wait = i % 2 == 0 ? "?wait=true" : "";
            using var response = await http.PostAsync(new Uri($"/chuck-says{wait}", UriKind.Relative), null, TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
            ids.Add(response.Headers.GetValues("x-record-id").Single());
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal(["timestamp", "fact"], answer.RootElement.EnumerateObject().Select(p => p.Name));
            if (i % 2 == 0)
            {
                Assert.Contains(producer.Output, l => Is(l, "acknowledged", ids[^1]));
            }
        }

        foreach (var id in ids)
        {
            var sent = await producer.Line($"sent {id}", l => Is(l, "sent", id));
            var acknowledged = await producer.Line($"acknowledged {id}", l => Is(l, "acknowledged", id));
            Assert.True(Member(sent, "at").GetDouble() <= Member(acknowledged, "at").GetDouble());
            Assert.StartsWith("chuck-java-producer-", Member(sent, "key").GetString(), StringComparison.Ordinal);

            var delivered = await consumer.Line($"delivered {id}", l => Is(l, "delivered", id));
            Assert.Equal(Member(acknowledged, "partition").GetInt32(), Member(delivered, "partition").GetInt32());
            Assert.Equal(Member(acknowledged, "offset").GetInt64(), Member(delivered, "offset").GetInt64());
            Assert.Contains(consumer.Output, l => l.StartsWith("Consumer Record:(chuck-java-producer-", StringComparison.Ordinal)
                && l.Contains(id, StringComparison.Ordinal) && l.EndsWith("), from Topic: north-chuck-java-topic", StringComparison.Ordinal));
        }

        consumer.Terminate();
        Assert.Equal(0, await consumer.Exit());
        producer.Terminate();
        Assert.Equal(0, await producer.Exit());

        // It left the group, with everything committed; and the topic whose name goes on after the pattern was never its own.
        var group = await ToolAsync("consumer-groups", "--describe", "--group", "chuck-java-cg");
        Assert.Contains("has no active members", group, StringComparison.Ordinal);
        var lag = group.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(c => c.Length > 5 && c[0] == "chuck-java-cg").ToList();
        Assert.Equal(20, lag.Where(c => c[1] == "north-chuck-java-topic").Sum(c => long.Parse(c[3])));
        Assert.All(lag, c => Assert.Equal("0", c[5]));
        Assert.DoesNotContain(lag, c => !c[1].EndsWith("chuck-java-topic", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_topic_that_appears_later_is_found_and_its_records_are_told_by_id()
    {
        ApacheKafka.RequireHome();
        await using var consumer = Consumer("metadata.max.age.ms=500");
        await consumer.Line("ready line", l => l.StartsWith("ready: ", StringComparison.Ordinal));
        await ToolAsync("topics", "--create", "--topic", "west-chuck-java-topic");

        await using var producer = Producer("client.id=late-producer\ntopic=west-chuck-java-topic");
        using var http = new HttpClient { BaseAddress = await producer.HttpAddress() };
        using var response = await http.PostAsync(new Uri("/chuck-says?wait=true", UriKind.Relative), null, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();

        var id = response.Headers.GetValues("x-record-id").Single();
        Assert.Equal("west-chuck-java-topic", Member(await consumer.Line("delivery", l => Is(l, "delivered", id)), "topic").GetString());
    }

    private async Task<string> ToolAsync(string name, params string[] arguments) =>
        (await ApacheKafka.ToolAsync([name, "--bootstrap-server", kafka.Plaintext, .. arguments])).All;

    private SampleProcess Producer(string rest) =>
        new(Repository.Sample("ChuckProducer", "chuck-producer"), Configuration(rest), ("CHUCK_HTTP_PORT", "0"));

    private SampleProcess Consumer(string rest = "") => new(Repository.Sample("ChuckConsumer", "chuck-consumer"), Configuration($"""
        client.id=chuck-java-consumer
        group.id=chuck-java-cg
        topic=.*chuck-java-topic
        auto.offset.reset=earliest
        session.timeout.ms=6000
        heartbeat.interval.ms=2000
        {rest}
        """));

    private string Configuration(string rest)
    {
        var path = Path.Combine(_directory.FullName, $"{Guid.NewGuid():N}.properties");
        File.WriteAllText(path, $"""
            bootstrap.servers={kafka.Bootstrap}
            security.protocol=SASL_SSL
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='client' password='client-secret';
            ssl.endpoint.identification.algorithm=https
            ssl.truststore.location={kafka.CaFile}
            ssl.truststore.type=PEM
            {rest}
            """);
        return path;
    }

    private static bool Is(string line, string name, string id) =>
        line.StartsWith($$"""{"event":"{{name}}","id":"{{id}}",""", StringComparison.Ordinal);

    private static JsonElement Member(string line, string name) => JsonDocument.Parse(line).RootElement.GetProperty(name);
}
