using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Authentication;
using System.Text;
using Switchback.Broker.Tests.Protocol;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Tests.Security;

/// <summary>Who gets in, and what the others get: the same tests for the embedded cluster and for Apache Kafka.</summary>
public abstract class SecuritySuite(SecureTarget target)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SASL_PLAINTEXT", SaslMechanism.Plain)]
    [InlineData("SASL_PLAINTEXT", SaslMechanism.ScramSha256)]
    [InlineData("SASL_PLAINTEXT", SaslMechanism.ScramSha512)]
    [InlineData("SASL_SSL", SaslMechanism.Plain)]
    [InlineData("SASL_SSL", SaslMechanism.ScramSha256)]
    [InlineData("SASL_SSL", SaslMechanism.ScramSha512)]
    public async Task The_right_secret_gets_in_and_a_wrong_one_does_not(string kind, SaslMechanism mechanism)
    {
        await using (var connection = await LoginAsync(kind, mechanism, "client", "client-secret"))
            Assert.NotEmpty((await connection.SendAsync(new DescribeClusterRequest(), Stop)).ClusterId);
        foreach (var (user, secret) in new[] { ("client", "wrong"), ("nobody", "client-secret"), ("nobody", "x") })
        {
            var refused = await Assert.ThrowsAsync<KafkaConnectionException>(() => LoginAsync(kind, mechanism, user, secret));
            Assert.True(refused.IsAuthenticationFailure, refused.Message);
            Assert.DoesNotContain("client-secret", refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("SASL_PLAINTEXT")]
    [InlineData("SASL_SSL")]
    public async Task Wrong_credentials_get_error_58_and_then_nothing_more(string kind)
    {
        await using var connection = await ConnectAsync(kind);
        Assert.Equal(KafkaError.None, (await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1))!.ErrorCode);
        var refused = await connection.AskAsync(Token("client", "wrong"), 2);
        Assert.Equal(58, (short)refused!.ErrorCode);
        Assert.Equal("Authentication failed: Invalid username or password", refused.ErrorMessage);
        Assert.Null(await connection.FrameAsync());
    }

    [Theory]
    [InlineData("SASL_PLAINTEXT")]
    [InlineData("SASL_SSL")]
    public async Task Who_has_not_logged_in_gets_the_versions_and_nothing_else(string kind)
    {
        await using (var connection = await ConnectAsync(kind))
        {
            Assert.NotEmpty((await connection.AskAsync(Versions(), 3))!.ApiKeys);
            Assert.Null(await connection.AskAsync(new MetadataRequest { Topics = null }, 12));
        }

        await using (var connection = await ConnectAsync(kind))
            Assert.Null(await connection.AskAsync(Token("client", "client-secret"), 2));
        await using (var connection = await ConnectAsync(kind))
        {
            await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1);
            var refused = await connection.AskAsync(new MetadataRequest { Topics = [new() { Name = "t" }] }, 12);
            Assert.Equal(("t", KafkaError.IllegalSaslState), (refused?.Topics[0].Name, refused?.Topics[0].ErrorCode));
            Assert.Null(await connection.FrameAsync());
        }

        await using (var connection = await ConnectAsync(kind))
        {
            await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1);
            Assert.Equal(KafkaError.IllegalSaslState, (await connection.AskAsync(Versions(), 3))?.ErrorCode);
            Assert.Null(await connection.FrameAsync());
        }

        await using (var connection = await ConnectAsync(kind))
        {
            await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1);
            Assert.Equal(KafkaError.IllegalSaslState, (await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1))?.ErrorCode);
            Assert.Null(await connection.FrameAsync());
        }

        await using (var connection = await ConnectAsync(kind))
        {
            var refused = await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "GSSAPI" }, 1);
            Assert.Equal(KafkaError.UnsupportedSaslMechanism, refused!.ErrorCode);
            Assert.Equal(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], refused.Mechanisms.Order());
            Assert.Null(await connection.FrameAsync());
        }
    }

    [Theory]
    [InlineData("PLAINTEXT")]
    [InlineData("SSL")]
    public async Task Where_nobody_logs_in_a_login_is_refused_and_the_connection_stays(string kind)
    {
        await using var connection = await ConnectAsync(kind);
        Assert.Equal(KafkaError.IllegalSaslState, (await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1))?.ErrorCode);
        Assert.Equal(KafkaError.IllegalSaslState, (await connection.AskAsync(Token("client", "client-secret"), 2))?.ErrorCode);
        Assert.NotNull(await connection.AskAsync(new MetadataRequest { Topics = [] }, 12));
    }

    [Fact]
    public async Task A_second_login_right_after_the_first_is_refused_and_the_connection_stays()
    {
        await using var connection = await ConnectAsync("SASL_PLAINTEXT");
        Assert.Equal(KafkaError.None, (await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1))?.ErrorCode);
        Assert.Equal(KafkaError.None, (await connection.AskAsync(Token("client", "client-secret"), 2))?.ErrorCode);
        Assert.Equal(KafkaError.IllegalSaslState, (await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, 1))?.ErrorCode);
        Assert.NotNull(await connection.AskAsync(new MetadataRequest { Topics = [] }, 12));
    }

    /// <summary>KIP-368.</summary>
    [Fact]
    public async Task A_login_that_does_not_last_is_renewed_on_the_live_connection_or_ends_it()
    {
        await using var connection = await ConnectAsync("SHORT");
        Assert.Equal(KafkaError.None, (await connection.AskAsync(Handshake(), 1))?.ErrorCode);
        Assert.Equal(SecureTarget.ShortLogin, (await connection.AskAsync(Token("client", "client-secret"), 2))?.SessionLifetimeMs);
        var sinceRenewal = Stopwatch.StartNew();
        Assert.Equal(KafkaError.None, (await connection.AskAsync(Handshake(), 1))?.ErrorCode);
        Assert.Equal(SecureTarget.ShortLogin, (await connection.AskAsync(Token("client", "client-secret"), 2))?.SessionLifetimeMs);

        // Not twice within a second.
        var third = await connection.AskAsync(Handshake(), 1);
        if (sinceRenewal.Elapsed < TimeSpan.FromSeconds(1))
            Assert.Equal(KafkaError.IllegalSaslState, third?.ErrorCode);
        if (third?.ErrorCode == KafkaError.None)
            Assert.NotNull(await connection.AskAsync(Token("client", "client-secret"), 2));
        Assert.NotNull(await connection.AskAsync(new MetadataRequest { Topics = [] }, 12));
        await Eventually.HoldsAsync(async () => await connection.AskAsync(new MetadataRequest { Topics = [] }, 12) is null);
        Assert.True(sinceRenewal.ElapsedMilliseconds >= SecureTarget.ShortLogin, $"it lasted {sinceRenewal.Elapsed}");
    }

    [Fact]
    public async Task A_login_is_renewed_by_who_logged_in_and_as_they_did()
    {
        await using (var connection = await ShortLoginAsync())
        {
            Assert.Equal(KafkaError.None, (await connection.AskAsync(Handshake(), 1))?.ErrorCode);
            var refused = await connection.AskAsync(Token("admin", "admin-secret"), 2);
            Assert.Equal(KafkaError.SaslAuthenticationFailed, refused?.ErrorCode);
            Assert.Equal("Cannot change principals during re-authentication from User.client: User.admin", refused?.ErrorMessage);
            Assert.Null(await connection.FrameAsync());
        }

        await using (var connection = await ShortLoginAsync())
        {
            Assert.Equal(KafkaError.None, (await connection.AskAsync(new SaslHandshakeRequest { Mechanism = "SCRAM-SHA-256" }, 1))?.ErrorCode);
            Assert.Null(await connection.AskAsync(new SaslAuthenticateRequest { AuthBytes = Encoding.UTF8.GetBytes("n,,n=client,r=nonce") }, 2));
        }

        async Task<RawConnection> ShortLoginAsync()
        {
            var connection = await ConnectAsync("SHORT");
            await connection.AskAsync(Handshake(), 1);
            Assert.Equal(KafkaError.None, (await connection.AskAsync(Token("client", "client-secret"), 2))?.ErrorCode);
            return connection;
        }
    }

    [Fact]
    public async Task Mutual_tls_lets_in_whose_certificate_its_authority_signed()
    {
        await using (var connection = await RawConnection.ConnectAsync(target.Endpoint("MUTUAL"), target.Tls("the cluster's")))
            Assert.NotNull(await connection.AskAsync(new MetadataRequest { Topics = [] }, 12));
        foreach (var signedBy in new[] { null, "a stranger's" })
        {
            try
            {
                // With TLS 1.3 a client learns only with the first answer that its certificate is not liked.
                await using var connection = await RawConnection.ConnectAsync(target.Endpoint("MUTUAL"), target.Tls(signedBy));
                Assert.Null(await connection.AskAsync(new MetadataRequest { Topics = [] }, 12));
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException)
            {
                continue;
            }
        }
    }

    [Theory]
    [InlineData("PLAINTEXT", SecureTarget.LargestRequest + 1)]
    [InlineData("PLAINTEXT", int.MaxValue)]
    [InlineData("PLAINTEXT", -1)]
    [InlineData("SSL", SecureTarget.LargestRequest + 1)]
    [InlineData("SASL_PLAINTEXT", (512 * 1024) + 1)]
    [InlineData("SASL_SSL", (512 * 1024) + 1)]
    public async Task A_frame_that_is_too_large_is_refused_before_it_is_read(string kind, int length)
    {
        await using var connection = await ConnectAsync(kind);
        var declared = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(declared, length);
        await connection.SendAsync(declared);
        Assert.Null(await connection.FrameAsync());
    }

    [Fact]
    public async Task Kcat_gets_in_by_certificate_and_by_password()
    {
        await KcatListsAsync("SASL_SSL", "security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", "sasl.username=client", "sasl.password=client-secret");
        await KcatListsAsync("SSL", "security.protocol=SSL");
    }

    /// <summary>Has kcat look the cluster up.</summary>
    protected async Task KcatListsAsync(string kind, params string[] settings)
    {
        var endpoint = target.Endpoint(kind);
        string[] arguments = ["-L", "-b", $"{endpoint.Host}:{endpoint.Port}", "-X", "ssl.ca.location=" + target.CaFile, .. settings.SelectMany(s => new[] { "-X", s })];
        var listed = await Tool.RunAsync(Tool.Require("kcat"), arguments);
        Assert.True(listed.ExitCode == 0, string.Join(' ', settings) + ": " + listed.Errors);
    }

    private static SaslHandshakeRequest Handshake() => new() { Mechanism = "PLAIN" };

    private static ApiVersionsRequest Versions() => new() { ClientSoftwareName = "raw", ClientSoftwareVersion = "1" };

    private static SaslAuthenticateRequest Token(string user, string secret) => new() { AuthBytes = Encoding.UTF8.GetBytes($"\0{user}\0{secret}") };

    private Task<RawConnection> ConnectAsync(string kind) => RawConnection.ConnectAsync(target.Endpoint(kind), kind.EndsWith("SSL", StringComparison.Ordinal) ? target.Tls() : null);

    private Task<KafkaConnection> LoginAsync(string kind, SaslMechanism mechanism, string user, string secret)
    {
        var security = new ClientSecurity
        {
            Protocol = kind == "SASL_SSL" ? SecurityProtocol.SaslSsl : SecurityProtocol.SaslPlaintext,
            SaslMechanism = mechanism,
            Username = user,
            Password = secret,
            CaPemFile = kind == "SASL_SSL" ? target.CaFile : null,
        };
        return KafkaConnection.ConnectAsync(target.Endpoint(kind), security, "login", Stop);
    }
}

/// <summary>Logging in to the embedded cluster.</summary>
public sealed class EmbeddedSecurityTests(EmbeddedSecureTarget target) : SecuritySuite(target), IClassFixture<EmbeddedSecureTarget>
{
    /// <summary>Old librdkafkas put their part of the nonce in front twice, which Apache Kafka 4.3 refuses.</summary>
    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public Task Kcat_gets_in_by_scram(string mechanism) =>
        KcatListsAsync("SASL_SSL", "security.protocol=SASL_SSL", "sasl.mechanism=" + mechanism, "sasl.username=client", "sasl.password=client-secret");
}

/// <summary>Logging in to Apache Kafka.</summary>
public sealed class ApacheSecurityTests(ApacheSecureTarget target) : SecuritySuite(target), IClassFixture<ApacheSecureTarget>;
