using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Tests.Settings;

public sealed class ClientSubjectRuleTests
{
    // Encoded from the end: two comes before one.
    private const string Subject = "CN=chuck, O=Norris Ltd, OU=one, OU=two, C=DE, S=Hessen, L=Frankfurt";

    private static bool Fits(string rule, string subject = Subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var errors = new List<string>();
        var parsed = ClientSubjectRule.Parse("flag", rule, errors);
        Assert.Empty(errors);
        return parsed!.Fits(certificate);
    }

    [Theory]
    [InlineData("s:/CN=[chuck]", true)]
    [InlineData("s:/CN=[chuc]", false)]
    [InlineData("s:/CN=[chuck]/O=[Norris Ltd]/C=[DE]/S=[Hessen]/L=[Frankfurt]", true)]
    [InlineData("s:/OU=[two,one]", true)]
    [InlineData("s:/OU=[one]", false)]
    [InlineData("s:/CN=[chuck]/C=[PL]", false)]
    [InlineData("r:/CN=[^ch[a-z]{1,3}$]", true)]
    [InlineData("r:/CN=[^ch[a-z]{1,2}$]", false)]
    [InlineData("r:/OU=[t.*,o.e]", true)]
    [InlineData("r:/OU=[o.e,t.*]", false)]
    [InlineData("r:/OU=[.*]", false)]
    public void ASubjectFitsOrDoesNot(string rule, bool fits) => Assert.Equal(fits, Fits(rule));

    [Theory]
    [InlineData("/CN=[aaa]")]
    [InlineData("t:/CN=[aaa]")]
    [InlineData("s:/CN=[aaa,[],2,3]")]
    [InlineData("s:/CN/OU=[bbb]")]
    [InlineData("s:/CN=[aaa]//O=[ccc]")]
    [InlineData("s:/CNlowercase=[a]")]
    [InlineData("s:/CN=a/OU=[bbb]")]
    [InlineData("s:/CN=[a]/OU=[bbb")]
    [InlineData("r:/CN=[a]/OU=[bbb[1-2].*")]
    [InlineData("r:/CN=[*]")]
    [InlineData("s:")]
    public void WhatIsNoRuleIsOneError(string text)
    {
        var errors = new List<string>();
        Assert.Null(ClientSubjectRule.Parse("flag", text, errors));
        Assert.Contains(text, Assert.Single(errors));
    }
}
