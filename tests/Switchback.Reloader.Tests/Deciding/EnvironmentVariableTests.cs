using Switchback.Reloader.Deciding;
using Switchback.Reloader.Marking;

namespace Switchback.Reloader.Tests.Deciding;

public sealed class EnvironmentVariableTests
{
    [Theory]
    [InlineData("kafka-proxy-config", "STAKATER_KAFKA_PROXY_CONFIG_CONFIGMAP")]
    [InlineData("my.cfg", "STAKATER_MY_CFG_CONFIGMAP")]
    [InlineData("my-cfg", "STAKATER_MY_CFG_CONFIGMAP")]
    [InlineData("a--.b9", "STAKATER_A_B9_CONFIGMAP")]
    [InlineData("www.StakaTer", "STAKATER_WWW_STAKATER_CONFIGMAP")]
    [InlineData("--a", "STAKATER_A_CONFIGMAP")]
    public void The_variable_is_named_as_stakaters_controller_names_it(string name, string variable) =>
        Assert.Equal(variable, EnvironmentVariable.NameOf(new ResourceRef(ResourceKind.ConfigMap, name)));

    [Fact]
    public void A_Secrets_variable_says_so() =>
        Assert.Equal("STAKATER_DB_SECRET", EnvironmentVariable.NameOf(new ResourceRef(ResourceKind.Secret, "db")));
}
