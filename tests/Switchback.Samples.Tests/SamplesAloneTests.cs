namespace Switchback.Samples.Tests;

/// <summary>The samples with nobody to talk to.</summary>
public sealed class SamplesAloneTests : IDisposable
{
    private readonly string _configuration = Path.GetTempFileName();

    public void Dispose() => File.Delete(_configuration);

    [Theory]
    [InlineData("ChuckProducer", "chuck-producer")]
    [InlineData("ChuckConsumer", "chuck-consumer")]
    public async Task A_wrong_file_ends_with_2_and_every_error(string project, string program)
    {
        await File.WriteAllTextAsync(_configuration, "topics=x\nbootstrap.servers=localhost:1\ngroup.id=g\n", TestContext.Current.CancellationToken);
        await using var sample = new SampleProcess(Repository.Sample(project, program), _configuration, ("CHUCK_HTTP_PORT", "65536"));
        Assert.Equal(2, await sample.Exit());
        Assert.Contains($"{program}: {_configuration}:1: topics: ", sample.Errors, StringComparison.Ordinal);
        Assert.Contains($"{program}: {_configuration}: topic: is missing", sample.Errors, StringComparison.Ordinal);
        Assert.Equal(project == "ChuckProducer", sample.Errors.Contains("CHUCK_HTTP_PORT must be a port", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_broker_the_producer_lives_is_not_ready_and_a_request_that_waits_is_told_the_truth()
    {
        await File.WriteAllTextAsync(
            _configuration,
            "topic=t\nbootstrap.servers=127.0.0.1:1\ndelivery.timeout.ms=300\nrequest.timeout.ms=200\nlinger.ms=0\n",
            TestContext.Current.CancellationToken);
        await using var producer = new SampleProcess(Repository.Sample("ChuckProducer", "chuck-producer"), _configuration, ("CHUCK_HTTP_PORT", "0"));
        using var http = new HttpClient { BaseAddress = await producer.HttpAddress() };

        Assert.Equal(200, await Status(HttpMethod.Get, "/health"));
        Assert.Equal(503, await Status(HttpMethod.Get, "/ready"));
        Assert.Equal(405, await Status(HttpMethod.Get, "/chuck-says"));
        Assert.Equal(404, await Status(HttpMethod.Get, "/"));
        Assert.Equal(200, await Status(HttpMethod.Post, "/chuck-says"));
        Assert.Equal(503, await Status(HttpMethod.Post, "/chuck-says?wait=true"));
        await producer.Line("failed line", l =>
            l.StartsWith("""{"event":"failed",""", StringComparison.Ordinal) && l.Contains("Local_MsgTimedOut", StringComparison.Ordinal));

        producer.Terminate();
        Assert.Equal(0, await producer.Exit());
        Assert.Equal(2, producer.Output.Count(l => l.StartsWith("""{"event":"sent",""", StringComparison.Ordinal)));

        async Task<int> Status(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)response.StatusCode;
        }
    }
}
