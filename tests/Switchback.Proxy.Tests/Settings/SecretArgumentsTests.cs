using System.Text;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Tests.Settings;

public sealed class SecretArgumentsTests
{
    [Theory]
    [InlineData("proxy\0server\0--sasl-password=canary\0--log-level=info\0", "proxy\0server\0--sasl-password=******\0--log-level=info\0")]
    [InlineData("--sasl-password\0canary\0--tls-client-key-password\0canary\0", "--sasl-password\0******\0--tls-client-key-password\0******\0")]
    [InlineData("--proxy-listener-key-password=canary", "--proxy-listener-key-password=******")]
    [InlineData("--sasl-passwords=x\0--sasl-username=canary\0", "--sasl-passwords=x\0--sasl-username=canary\0")]
    public void ValuesOfSecretFlagsAreHiddenAtEqualLength(string arguments, string hidden)
    {
        var bytes = Encoding.UTF8.GetBytes(arguments);
        SecretArguments.Hide(bytes);
        Assert.Equal(hidden, Encoding.UTF8.GetString(bytes));
    }
}
