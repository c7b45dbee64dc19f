using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Controllers.Deployments;

namespace Switchback.LocalKubernetes.Tests.Controllers;

public sealed class RolloutLimitsTests
{
    [Theory]
    [InlineData(1, "\"25%\"", "\"25%\"", 1, 0)]
    [InlineData(4, "\"25%\"", "\"25%\"", 1, 1)]
    [InlineData(10, "\"25%\"", "\"25%\"", 3, 2)]
    [InlineData(3, "2", "1", 2, 1)]
    [InlineData(3, "0", "0", 0, 1)]
    [InlineData(3, "0", "\"10%\"", 0, 1)]
    [InlineData(2, "1", "5", 1, 2)]
    public void Surge_is_rounded_up_and_unavailable_down_and_one_of_them_is_not_zero(int replicas, string surge, string unavailable, int expectedSurge, int expectedUnavailable)
    {
        var deployment = JsonNode.Parse($$"""{ "spec": { "replicas": {{replicas}}, "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": {{surge}}, "maxUnavailable": {{unavailable}} } } } }""")!.AsObject();

        Assert.Equal(new RolloutLimits(replicas, expectedSurge, expectedUnavailable), RolloutLimits.Of(deployment));
    }

    [Theory]
    [InlineData(0, 3, 1)]
    [InlineData(1, 4, 1)]
    [InlineData(3, 3, 3)]
    [InlineData(5, 5, 3)]
    public void The_new_set_grows_into_the_room_that_the_surge_leaves(int newReplicas, int allReplicas, int expected) =>
        Assert.Equal(expected, new RolloutLimits(3, 1, 0).ScaleUpNew(newReplicas, allReplicas));
}
