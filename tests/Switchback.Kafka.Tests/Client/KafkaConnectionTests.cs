using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Client;

public class KafkaConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_older_broker_is_asked_again_at_a_version_it_has()
    {
        var asked = new List<short>();
        await using var broker = new ScriptedBroker(request =>
        {
            asked.Add(request.Header.RequestApiVersion);
            // KIP-511: an unknown ApiVersions version is answered at version 0, with the range.
            return request.Header.RequestApiVersion > 2
                ? request.AnswerAsync(new ApiVersionsResponse { ErrorCode = KafkaError.UnsupportedVersion, ApiKeys = [new() { ApiKey = 18, MaxVersion = 2 }] }, version: 0)
                : request.AnswerAsync(new ApiVersionsResponse { ApiKeys = [new() { ApiKey = 3, MaxVersion = 5 }, new() { ApiKey = 18, MaxVersion = 2 }] });
        });
        await using var connection = await ConnectAsync(broker);
        Assert.Equal([4, 2], asked);
        Assert.Equal(5, connection.NegotiatedVersion(MetadataRequest.ApiKey));
        Assert.Throws<NotSupportedException>(() => connection.NegotiatedVersion(FetchRequest.ApiKey));
    }

    [Fact]
    public async Task Requests_go_out_in_order_and_answers_out_of_order_reach_those_who_asked()
    {
        var held = new List<ScriptedRequest>();
        await using var broker = new ScriptedBroker(async request =>
        {
            if (request.Key == ApiKey.ApiVersions)
            {
                await request.AnswerVersionsAsync();
                return;
            }

            held.Add(request);
            if (held.Count < 100)
                return;
            foreach (var late in held.AsEnumerable().Reverse())
                await late.AnswerAsync(new MetadataResponse { ControllerId = NumberOf(late) });
        });
        await using var connection = await ConnectAsync(broker);
        var sending = Enumerable.Range(0, 100).Select(i => connection.SendAsync(Ask(i), Cancellation)).ToList();
        var answers = await Task.WhenAll(sending);
        Assert.Equal(Enumerable.Range(0, 100), held.Select(NumberOf));
        Assert.Equal(Enumerable.Range(0, 100), answers.Select(answer => answer.ControllerId));
    }

    [Fact]
    public async Task A_broken_connection_fails_everything_in_flight_with_one_exception()
    {
        var waiting = 0;
        await using var broker = new ScriptedBroker(async request =>
        {
            if (request.Key == ApiKey.ApiVersions)
                await request.AnswerVersionsAsync();
            else if (++waiting == 10)
                request.Stream.Close();
        });
        await using var connection = await ConnectAsync(broker);
        var sending = Enumerable.Range(0, 10).Select(i => connection.SendAsync(Ask(i), Cancellation)).ToList();
        foreach (var sent in sending)
            await Assert.ThrowsAsync<KafkaConnectionException>(() => sent);
        Assert.False(connection.IsOpen);
        await connection.Closed.WaitAsync(Cancellation);
        await Assert.ThrowsAsync<KafkaConnectionException>(() => connection.SendAsync(Ask(11), Cancellation));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(KafkaConnection.MaximumResponseBytes + 1)]
    public async Task A_length_no_response_can_have_breaks_the_connection(int length)
    {
        await using var broker = new ScriptedBroker(async request =>
        {
            if (request.Key == ApiKey.ApiVersions)
            {
                await request.AnswerVersionsAsync();
                return;
            }

            using var writer = new WireWriter();
            writer.WriteInt32(length);
            writer.WriteInt32(request.Header.CorrelationId);
            await request.Stream.WriteAsync(writer.Written);
        });
        await using var connection = await ConnectAsync(broker);
        var failure = await Assert.ThrowsAsync<KafkaConnectionException>(() => connection.SendAsync(Ask(1), Cancellation));
        Assert.Contains(length.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_to_nothing_breaks_the_connection()
    {
        await using var broker = new ScriptedBroker(request => request.Key == ApiKey.ApiVersions
            ? request.AnswerVersionsAsync()
            : request.AnswerAsync(new MetadataResponse(), correlationId: 9999));
        await using var connection = await ConnectAsync(broker);
        var failure = await Assert.ThrowsAsync<KafkaConnectionException>(() => connection.SendAsync(Ask(1), Cancellation));
        Assert.Contains("9999", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_response_is_a_format_failure_and_the_connection_lives()
    {
        await using var broker = new ScriptedBroker(request => request.Key switch
        {
            ApiKey.ApiVersions => request.AnswerVersionsAsync(),
            // The body of another message under this request's correlation id.
            ApiKey.Metadata => request.AnswerAsync(new ResponseHeader { CorrelationId = -1 }, version: 1),
            _ => request.AnswerAsync(new HeartbeatResponse { ErrorCode = KafkaError.RebalanceInProgress }),
        });
        await using var connection = await ConnectAsync(broker);
        await Assert.ThrowsAsync<WireFormatException>(() => connection.SendAsync(Ask(1), Cancellation));
        Assert.Equal(KafkaError.RebalanceInProgress, (await connection.SendAsync(new HeartbeatRequest(), Cancellation)).ErrorCode);
    }

    [Fact]
    public async Task Cancelling_one_request_leaves_the_others_alone()
    {
        ScriptedRequest? first = null;
        await using var broker = new ScriptedBroker(async request =>
        {
            if (request.Key == ApiKey.ApiVersions)
            {
                await request.AnswerVersionsAsync();
            }
            else if (first is null)
            {
                first = request;
            }
            else
            {
                await first.AnswerAsync(new MetadataResponse { ControllerId = 1 });
                await request.AnswerAsync(new MetadataResponse { ControllerId = 2 });
            }
        });
        await using var connection = await ConnectAsync(broker);
        using var given = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var cancelled = connection.SendAsync(Ask(1), given.Token);
        await Eventually.HoldsAsync(() => Volatile.Read(ref first) is not null);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(2, (await connection.SendAsync(Ask(2), Cancellation)).ControllerId);
    }

    [Fact]
    public async Task Refused_credentials_are_an_authentication_failure_that_does_not_show_them()
    {
        await using var broker = new ScriptedBroker(request => request.Key switch
        {
            ApiKey.ApiVersions => request.AnswerVersionsAsync(),
            ApiKey.SaslHandshake => request.AnswerAsync(new SaslHandshakeResponse { Mechanisms = ["PLAIN"] }),
            _ => request.AnswerAsync(new SaslAuthenticateResponse { ErrorCode = KafkaError.SaslAuthenticationFailed, ErrorMessage = "no" }),
        });
        var security = new ClientSecurity { Protocol = SecurityProtocol.SaslPlaintext, Username = "client", Password = "hunter2" };
        var failure = await Assert.ThrowsAsync<KafkaConnectionException>(() => KafkaConnection.ConnectAsync(broker.Endpoint, security, "test", Cancellation));
        Assert.True(failure.IsAuthenticationFailure);
        Assert.DoesNotContain("hunter2", failure.ToString() + security, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_a_connection_failure_that_names_the_address()
    {
        KafkaEndpoint endpoint;
        await using (var broker = new ScriptedBroker(_ => Task.CompletedTask))
            endpoint = broker.Endpoint;
        var failure = await Assert.ThrowsAsync<KafkaConnectionException>(() => KafkaConnection.ConnectAsync(endpoint, ClientSecurity.None, null, Cancellation));
        Assert.Contains(endpoint.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsAuthenticationFailure);
    }

    private static Task<KafkaConnection> ConnectAsync(ScriptedBroker broker) =>
        KafkaConnection.ConnectAsync(broker.Endpoint, ClientSecurity.None, "test", Cancellation);

    private static MetadataRequest Ask(int number) => new() { Topics = [new() { Name = number.ToString(System.Globalization.CultureInfo.InvariantCulture) }] };

    private static int NumberOf(ScriptedRequest request)
    {
        var reader = new WireReader(request.Frame);
        KafkaFrame.ReadRequestHeader(ref reader, request.Frame);
        var body = MetadataRequest.Read(ref reader, request.Header.RequestApiVersion);
        return int.Parse(body.Topics![0].Name!, System.Globalization.CultureInfo.InvariantCulture);
    }
}
