using System.Text;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;

namespace Switchback.Kafka.Tests.Client;

public class ScramConversationTests
{
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    // The example of RFC 7677, section 3.
    [Fact]
    public void The_example_of_the_rfc()
    {
        var scram = Example();
        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Encoding.UTF8.GetString(scram.First()));
        Assert.Equal(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            Encoding.UTF8.GetString(scram.Final(Encoding.UTF8.GetBytes(ServerFirst))));
        scram.Verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="u8);
    }

    [Theory]
    [InlineData("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("v=")]
    [InlineData("")]
    [InlineData("v=not base64")]
    [InlineData("e=other-error")]
    public void A_broker_that_does_not_know_the_password_is_noticed(string serverFinal)
    {
        var scram = Example();
        scram.Final(Encoding.UTF8.GetBytes(ServerFirst));
        Assert.Throws<KafkaConnectionException>(() => scram.Verify(Encoding.UTF8.GetBytes(serverFinal)));
    }

    [Theory]
    [InlineData("r=somebodyelses,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=???,i=4096")]
    [InlineData("")]
    public void A_challenge_that_is_malformed_or_asks_for_too_much_is_refused(string challenge) =>
        Assert.Throws<KafkaConnectionException>(() => Example().Final(Encoding.UTF8.GetBytes(challenge)));

    [Fact]
    public void A_name_with_the_separators_is_escaped() => Assert.Equal(
        "n,,n=a=2Cb=3Dc,r=x", Encoding.UTF8.GetString(new ScramConversation(SaslMechanism.ScramSha512, "a,b=c", "p", "x").First()));

    private static ScramConversation Example() => new(SaslMechanism.ScramSha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
}
