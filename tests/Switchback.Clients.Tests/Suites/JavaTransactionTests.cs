using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>Transactions of Java's newest client through the proxy.</summary>
public sealed class JavaTransactionTests(Clusters clusters)
{
    [Theory]
    [InlineData(Target.EmbeddedThroughProxy)]
    [InlineData(Target.ApacheThroughProxy)]
    public async Task They_are_complete_once_and_in_order_though_a_broker_died_under_them(Target target)
    {
        var work = new ClientAtWork(new JavaClient(), clusters, target);
        if (await work.CrashedTransactionsAsync() is { } wrong)
            Assert.Fail(wrong);
    }
}
