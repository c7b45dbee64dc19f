using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Properties;
using Switchback.Kafka.Client.Security;

namespace Switchback.Kafka.Tests.Client;

public sealed class ClientPropertiesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-properties-").FullName;

    public ClientPropertiesTests() => File.WriteAllText(Path.Combine(_directory, "ca.pem"), "");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void As_Confluent_Cloud_hands_them_out()
    {
        var properties = Parse("""
            bootstrap.servers=pkc-1.eu-west-1.aws.confluent.cloud:9092
            security.protocol=SASL_SSL
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='KEY' password='se;c"ret';
            sasl.mechanism=PLAIN
            client.dns.lookup=use_all_dns_ips
            session.timeout.ms=45000
            client.id=ccloud-java-client
            acks=all
            """);
        Assert.Equal([new KafkaEndpoint("pkc-1.eu-west-1.aws.confluent.cloud", 9092)], properties.Bootstrap);
        Assert.Equal(SecurityProtocol.SaslSsl, properties.Security.Protocol);
        Assert.Equal(("KEY", "se;c\"ret"), (properties.Security.Username, properties.Security.Password));
        Assert.True(properties.Security is { VerifyCertificate: true, VerifyHostname: true });
        Assert.Equal("ccloud-java-client", properties.ClientId);
        Assert.Equal("all", properties.Others["acks"]);
        Assert.DoesNotContain("ret", properties.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void In_librdkafkas_spelling()
    {
        var properties = Parse("""
            metadata.broker.list=a:1,[::1]:2
            security.protocol=sasl_ssl
            sasl.mechanisms=SCRAM-SHA-512
            sasl.username=alice
            sasl.password=wonder=land
            ssl.ca.location=ca.pem
            enable.ssl.certificate.verification=false
            ssl.endpoint.identification.algorithm=none
            """);
        Assert.Equal([new("a", 1), new("::1", 2)], properties.Bootstrap);
        Assert.Equal((SaslMechanism.ScramSha512, "alice", "wonder=land"), (properties.Security.SaslMechanism, properties.Security.Username, properties.Security.Password));
        Assert.Equal(Path.Combine(_directory, "ca.pem"), properties.Security.CaPemFile);
        Assert.True(properties.Security is { VerifyCertificate: false, VerifyHostname: false });
    }

    [Fact]
    public void Java_leaves_the_host_name_unverified_with_an_empty_algorithm()
    {
        Assert.False(Parse("bootstrap.servers=a:1\nssl.endpoint.identification.algorithm=\n").Security.VerifyHostname);
        Assert.True(Parse("bootstrap.servers=a:1\nssl.endpoint.identification.algorithm=https\n").Security.VerifyHostname);
        Assert.True(Parse("bootstrap.servers=a:1\n").Security.VerifyHostname);
    }

    [Fact]
    public void All_errors_are_listed_with_file_line_and_key()
    {
        var failure = Assert.Throws<ClientPropertiesException>(() => Parse("""
            bootstrap.servers=nowhere
            security.protocol=TLS
            sasl.mechanism=GSSAPI
            sasl.jaas.config=org.example.PlainLoginModule required username="x" password="topsecret"
            ssl.truststore.location=missing.pem
            ssl.keystore.type=JKS
            sasl.kerberos.service.name=kafka
            enable.ssl.certificate.verification=maybe
            """));
        foreach (var expected in new[]
        {
            ":1: bootstrap.servers", ":2: security.protocol", ":3: sasl.mechanism", ":4: sasl.jaas.config", ":5: ssl.truststore.location",
            ":6: ssl.keystore.type", ":7: sasl.kerberos.service.name", ":8: enable.ssl.certificate.verification",
        })
            Assert.Contains(failure.Errors, error => error.Contains("client.properties" + expected, StringComparison.Ordinal));
        Assert.Equal(8, failure.Errors.Count);
        Assert.DoesNotContain("topsecret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var failure = Assert.Throws<ClientPropertiesException>(() => Parse("security.protocol=SASL_SSL"));
        Assert.Equal(3, failure.Errors.Count);
        Assert.Contains(failure.Errors, error => error.Contains("bootstrap.servers is missing", StringComparison.Ordinal));
        Assert.Contains(failure.Errors, error => error.Contains("sasl.mechanism is missing", StringComparison.Ordinal));
        Assert.Contains(failure.Errors, error => error.Contains("credentials are missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("org.apache.kafka.common.security.scram.ScramLoginModule required username=\"a\" password=\"b\";", "expected a PlainLoginModule")]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a;", "quote")]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\";", "password")]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username \"b\";", "option 1")]
    [InlineData(";", "expected: MODULE")]
    public void What_is_wrong_with_a_jaas_entry_is_said(string jaas, string expected)
    {
        var failure = Assert.Throws<ClientPropertiesException>(() =>
            Parse($"bootstrap.servers=a:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config={jaas}\n"));
        Assert.Contains(expected, Assert.Single(failure.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_clear_error()
    {
        var failure = Assert.Throws<ClientPropertiesException>(() => ClientProperties.Parse(Path.Combine(_directory, "none")));
        Assert.Contains("none: cannot be read", Assert.Single(failure.Errors), StringComparison.Ordinal);
    }

    private ClientProperties Parse(string text)
    {
        var file = Path.Combine(_directory, "client.properties");
        File.WriteAllText(file, text);
        return ClientProperties.Parse(file);
    }
}
