using Switchback.Broker.Configuration;

namespace Switchback.Broker.Tests.Configuration;

public sealed class ServerSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void All_errors_are_found_at_once_with_file_line_and_key()
    {
        var errors = Errors("""
            num.partitions=3s
            num.partition=2

            log.retention.ms=7d
            log.message.timestamp.type=Now
            auto.create.topics.enable=yes
            num.partitions=4
            listeners=PLAINTEXT://h:1
            """);
        Assert.Equal(
            [
                $"{_file}:1: num.partitions: must be a whole number, 1 or more, without a unit behind it, not '3s'",
                $"{_file}:2: num.partition: is not a key that is known here; did you mean num.partitions?",
                $"{_file}:4: log.retention.ms: must be a whole number of milliseconds, -1 or more, without a unit behind it, not '7d'",
                $"{_file}:5: log.message.timestamp.type: must be one of CreateTime, LogAppendTime, not 'Now'",
                $"{_file}:6: auto.create.topics.enable: must be true or false, not 'yes'",
                $"{_file}:7: num.partitions: is set already on line 1; keep one of them",
            ],
            errors);
    }

    [Theory]
    [InlineData("listeners=A://127.0.0.1:9092", "listener 'A' has no protocol")]
    [InlineData("listeners=PLAINTEXT://h:1,PLAINTEXT://h:1", "h:1 is given 2 times")]
    [InlineData("listeners=PLAINTEXT://0.0.0.0:9092", "clients cannot be told the address 0.0.0.0")]
    [InlineData("listeners=PLAINTEXT://h:1,PLAINTEXT://h:2\nadvertised.listeners=PLAINTEXT://h:1", "must have as many entries as there are listeners: 2, not 1")]
    [InlineData("listeners=PLAINTEXT://h", "must be [NAME://]HOST:PORT")]
    [InlineData("listeners=SASL_PLAINTEXT://h:1", "nobody can log in")]
    [InlineData("listeners=SSL://h:1", "needs ssl.keystore.location")]
    [InlineData("num.partitions=1", "at least one listener is needed")]
    public void Listeners_that_cannot_work_are_refused(string text, string expected) => Assert.Contains(expected, string.Join('\n', Errors(text)), StringComparison.Ordinal);

    [Fact]
    public void A_secret_is_in_no_error_message()
    {
        var errors = Errors("listeners=SASL_PLAINTEXT://h:1\nplain.sasl.jaas.config=PlainLoginModule user_a=\"s3cret\"");
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("s3cret", string.Join('\n', errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_one_listener_go_before_the_general_ones()
    {
        var settings = Read("""
            listeners=A://h:1,B://h:2
            listener.security.protocol.map=A:SASL_PLAINTEXT,B:SASL_PLAINTEXT
            plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
                user_general="one";
            listener.name.b.plain.sasl.jaas.config=PlainLoginModule required username='x' user_special='t=w;o' ;
            """);
        Assert.Equal("one", settings.Listeners[0].Users["general"]);
        Assert.Equal("t=w;o", settings.Listeners[1].Users["special"]);
        Assert.DoesNotContain("one", settings.Listeners[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Topic_defaults_follow_the_servers_keys()
    {
        var settings = Read("listeners=PLAINTEXT://h:1\nlog.retention.hours=2\nlog.segment.bytes=2000000");
        var log = settings.LogSettings(new Dictionary<string, string> { ["max.message.bytes"] = "123" });
        Assert.Equal((7_200_000, 2_000_000, 123), (log.RetentionMs, log.SegmentBytes, log.MaxMessageBytes));
    }

    private ServerSettings Read(string text)
    {
        File.WriteAllText(_file, text);
        return ServerSettingsReader.Read(new BrokerOptions { DataDirectory = "unused", ConfigurationFile = _file });
    }

    private IReadOnlyList<string> Errors(string text) => Assert.Throws<ConfigurationException>(() => Read(text)).Errors;
}
