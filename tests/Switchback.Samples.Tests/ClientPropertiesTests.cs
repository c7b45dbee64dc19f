using ChuckClient;

namespace Switchback.Samples.Tests;

public sealed class ClientPropertiesTests
{
    private const string ProxyProducer = """
        bootstrap.servers=localhost:32400
        key.serializer=org.apache.kafka.common.serialization.StringSerializer
        value.serializer=org.apache.kafka.common.serialization.StringSerializer
        client.id=chuck-java-producer
        topic=chuck-java-topic
        """;

    private const string DirectConsumer = """
        bootstrap.servers=pkc-1.example.cloud:9092
        key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
        value.deserializer=org.apache.kafka.common.serialization.StringDeserializer
        client.id=chuck-java-noproxy-consumer
        group.id=chuck-java-noproxy-cg
        topic=.*chuck-java-np-topic
        ssl.endpoint.identification.algorithm=https
        security.protocol=SASL_SSL
        sasl.mechanism=PLAIN
        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='KEY' password='SE;C RET';
        """;

    [Fact]
    public void The_origins_producer_behind_the_proxy()
    {
        var properties = ClientProperties.Parse(ProxyProducer, "config.properties", ClientRole.Producer);

        Assert.Equal("chuck-java-topic", properties.Topic);
        Assert.Equal("chuck-java-producer", properties.ClientId);
        Assert.Equal("localhost:32400", properties.Settings["bootstrap.servers"]);
        Assert.Equal("true", properties.Settings["enable.idempotence"]);
        Assert.Equal("all", properties.Settings["acks"]);
        Assert.Equal("murmur2_random", properties.Settings["partitioner"]);
        Assert.Equal(["key.serializer", "value.serializer"], properties.Notices.Select(n => n.Split(' ')[0]));
        Assert.DoesNotContain("topic", properties.Settings.Keys);
    }

    [Fact]
    public void The_origins_consumer_without_a_proxy()
    {
        var properties = ClientProperties.Parse(DirectConsumer, "config.properties", ClientRole.Consumer);

        Assert.Equal(".*chuck-java-np-topic", properties.Topic);
        Assert.Equal("chuck-java-noproxy-cg", properties.Settings["group.id"]);
        Assert.Equal("sasl_ssl", properties.Settings["security.protocol"]);
        Assert.Equal("PLAIN", properties.Settings["sasl.mechanisms"]);
        Assert.Equal("KEY", properties.Settings["sasl.username"]);
        Assert.Equal("SE;C RET", properties.Settings["sasl.password"]);
        Assert.Equal("https", properties.Settings["ssl.endpoint.identification.algorithm"]);
        Assert.Equal("false", properties.Settings["enable.auto.commit"]);
        Assert.DoesNotContain("auto.offset.reset", properties.Settings.Keys);
        Assert.Equal(500, properties.MaxPollRecords);
    }

    [Theory]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"K\" password=\"a\\\"b\";", "PLAIN", "K", "a\"b")]
    [InlineData("org.apache.kafka.common.security.scram.ScramLoginModule required password='p' username='u' ;", "SCRAM-SHA-512", "u", "p")]
    [InlineData("  org.apache.kafka.common.security.plain.PlainLoginModule   required username=u password=p;  ", "plain", "u", "p")]
    public void Login_modules(string jaas, string mechanism, string user, string password)
    {
        var escaped = jaas.Replace("\\", "\\\\", StringComparison.Ordinal);
        var text = $"{ProxyProducer}\nsecurity.protocol=sasl_plaintext\nsasl.mechanism={mechanism}\nsasl.jaas.config={escaped}";
        var settings = ClientProperties.Parse(text, "f", ClientRole.Producer).Settings;
        Assert.Equal((user, password, mechanism.ToUpperInvariant()), (settings["sasl.username"], settings["sasl.password"], settings["sasl.mechanisms"]));
    }

    [Fact]
    public void Names_and_values_that_differ_between_Java_and_librdkafka()
    {
        var producer = ClientProperties.Parse(
            $"{ProxyProducer}\nacks=-1\nmax.request.size=2000000\nrequest.timeout.ms=5000\nmetadata.max.age.ms=7000\n"
            + "ssl.endpoint.identification.algorithm=\ncompression.type=LZ4",
            "f",
            ClientRole.Producer).Settings;
        Assert.Equal("all", producer["acks"]);
        Assert.Equal("2000000", producer["message.max.bytes"]);
        Assert.Equal(("5000", "5000"), (producer["request.timeout.ms"], producer["socket.timeout.ms"]));
        Assert.Equal(("7000", "7000"), (producer["topic.metadata.refresh.interval.ms"], producer["metadata.max.age.ms"]));
        Assert.Equal("none", producer["ssl.endpoint.identification.algorithm"]);
        Assert.Equal("lz4", producer["compression.type"]);

        var consumer = ClientProperties.Parse(
            $"{DirectConsumer}\nauto.offset.reset=none\nfetch.max.wait.ms=50\nrequest.timeout.ms=5000\nmax.poll.records=7\n"
            + "session.timeout.ms=6000\nheartbeat.interval.ms=2000",
            "f",
            ClientRole.Consumer);
        Assert.Equal("error", consumer.Settings["auto.offset.reset"]);
        Assert.Equal("50", consumer.Settings["fetch.wait.max.ms"]);
        Assert.Equal("5000", consumer.Settings["socket.timeout.ms"]);
        Assert.DoesNotContain("request.timeout.ms", consumer.Settings.Keys);
        Assert.Equal(("6000", "2000"), (consumer.Settings["session.timeout.ms"], consumer.Settings["heartbeat.interval.ms"]));
        Assert.Equal(7, consumer.MaxPollRecords);
    }

    [Fact]
    public void A_PEM_trust_store_is_taken_and_another_one_refused_with_what_would_be_right()
    {
        var ca = Path.GetTempFileName();
        try
        {
            var pem = ClientProperties.Parse($"{DirectConsumer}\nssl.truststore.location={ca}\nssl.truststore.type=PEM", "f", ClientRole.Consumer);
            Assert.Equal(ca, pem.Settings["ssl.ca.location"]);
            Assert.Equal(
                [
                    "f:11: ssl.truststore.location: a trust store of type JKS cannot be read here: "
                    + "give the CA certificates as a PEM file, and ssl.truststore.type=PEM",
                ],
                Errors($"{DirectConsumer}\nssl.truststore.location={ca}", ClientRole.Consumer));
        }
        finally
        {
            File.Delete(ca);
        }
    }

    [Fact]
    public void Weaker_acks_switch_off_idempotence_by_default_and_contradict_it_when_it_was_asked_for()
    {
        var settings = ClientProperties.Parse($"{ProxyProducer}\nacks=1", "f", ClientRole.Producer).Settings;
        Assert.Equal(("1", "false"), (settings["acks"], settings["enable.idempotence"]));
        Assert.Equal(["f:7: enable.idempotence: idempotence needs acks=all"], Errors($"{ProxyProducer}\nacks=1\nenable.idempotence=true", ClientRole.Producer));
    }

    [Fact]
    public void All_errors_are_told_at_once_with_file_line_and_key()
    {
        const string Wrong = """
            bootstrap.server=localhost:9092
            group.id=
            session.timeout.ms=6s
            heartbeat.interval.ms=50000
            auto.offset.reset=beginning
            security.protocol=SASL
            sasl.mechanism=GSSAPI
            enable.auto.commit=no
            """;
        Assert.Equal(
            [
                "f:1: bootstrap.server: is not a property of a Kafka client that is known here",
                "f:2: group.id: must not be empty",
                "f:3: session.timeout.ms: must be a whole number from 0 to 2147483647, not '6s'",
                "f:4: heartbeat.interval.ms: heartbeat.interval.ms (50000) must be less than session.timeout.ms (45000), a third of it as a rule",
                "f:5: auto.offset.reset: must be one of earliest, latest, none, not 'beginning'",
                "f:6: security.protocol: must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, not 'SASL'",
                "f:7: sasl.mechanism: must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, not 'GSSAPI'",
                "f:8: enable.auto.commit: must be true or false, not 'no'",
                "f: topic: is missing (the pattern of the topics to read, such as .*chuck-java-topic)",
                "f: bootstrap.servers: is missing (host:port, several separated by commas)",
            ],
            Errors(Wrong, ClientRole.Consumer));
    }

    [Theory]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username='KEY' password='hunter2'")]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username='KEY' password='hunter2;")]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username='KEY' passwort='hunter2';")]
    [InlineData("org.apache.kafka.common.security.scram.ScramLoginModule required username='KEY' password='hunter2';")]
    [InlineData("com.example.OtherLoginModule required username='KEY' password='hunter2';")]
    public void A_wrong_JAAS_line_is_refused_without_repeating_it(string jaas)
    {
        var error = Assert.Single(Errors($"{ProxyProducer}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config={jaas}", ClientRole.Producer));
        Assert.StartsWith("f:8: sasl.jaas.config: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
        Assert.DoesNotContain("KEY'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_clear_error() =>
        Assert.StartsWith("/nowhere/config.properties: cannot be read: ",
            Assert.Single(Assert.Throws<PropertiesException>(() => ClientProperties.Load("/nowhere/config.properties", ClientRole.Producer)).Errors),
            StringComparison.Ordinal);

    private static IReadOnlyList<string> Errors(string text, ClientRole role) =>
        Assert.Throws<PropertiesException>(() => ClientProperties.Parse(text, "f", role)).Errors;
}
