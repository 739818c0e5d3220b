"""The words of each format: what mutations insert and what the sweep repeats; odd values beside the usual ones."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([nrt\\]))")
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


def _words(text: str) -> tuple[bytes, ...]:
    r"""One word a line, its escapes as JSON and Python write them: ``\xNN`` a byte, ``\uNNNN`` a character in UTF-8."""
    return tuple(_ESCAPE.sub(_unescaped, line.strip().encode()) for line in text.strip().splitlines())


def _unescaped(escape: re.Match[bytes]) -> bytes:
    byte, character, plain = escape.groups()
    if byte:
        return bytes.fromhex(byte.decode())
    return chr(int(character, 16)).encode("utf-8", "surrogatepass") if character else _PLAIN[plain]


ADDRESSES = _words(r"""
https://news.example.org/world/2025/04/26/vote-12345
http://www.example.org:80/a/../b/./c//d/?utm_source=x&id=7#top
//[::1]:8000/
http://[fe80::1%25eth0]/
https://user:word@EXAMPLE.org.:99999/
http://xn--bcher-kva.example/
http://b\u00fccher.example/\u00e4
http://127.1/
javascript:alert(1)
data:text/html,x
mailto:a@b.example
/a/amp/
/amp/a.amp.html
;jsessionid=1
%2e%2e/
%E4%zz%00
\\a\\b
?amp=1&amp&outputType=amp
&amp;
http:/\t/e\n.org
http://.
http://a..b/
http://\u3002.example/
\u3000
\xed\xa0\x80
/page/2/
?page=99999
/tag/
""")
DATES = _words(r"""
2025-04-26T10:15:00+03:00
2025-04-26T24:00:00Z
2025-13-45
0000-00-00
0001-01-01T00:00:00Z
9999-12-31T23:59:59-14:00
1745655300
99999999999999999999
Sat, 26 Apr 2025 10:15:00 GMT
Sat, 26 Apr 2025 10:15:00 +9999
31 Feb 2025 25:61:61 XYZT
26. April 2025, 10:15 Uhr
26 avril 2025 \u00e0 10h15
26 de abril de 2025
26 kwietnia 2025
26 \u043a\u0432\u0456\u0442\u043d\u044f 2025
26 \u0430\u043f\u0440\u0435\u043b\u044f 2025 \u0433.
26 Nisan 2025
2025\u5e744\u670826\u65e5 \u4e0b\u53483\u6642
2025\ub144 4\uc6d4 26\uc77c \uc624\ud6c4 3:14
April 26th, 2025, 3:14 p.m. EDT
03/04/2025
3.4.25
Updated:
Zuletzt aktualisiert:
Published
\u0661\u0662/\u0663/\u0662\u0660\u0662\u0665
+14:00
-25:99
GMT+3
/2025/apr/26/
20250426T101500Z
2025-W17-6
'25
T
:
-
.
""")
ENTITIES = _words(r"""
&amp;
&lt;script&gt;
&#0;
&#xD800;
&#x110000;
&#8232;
&#x85;
&nbsp;
&eacute;
&unknown;
&a&b;
<![CDATA[
]]>
<!--
-->
<?xml version="1.0" encoding="utf-16"?>
<?xml version="1.0" encoding="hex"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<!DOCTYPE x SYSTEM "file:///etc/passwd">
\x00
\xff
\xef\xbb\xbf
\xff\xfe
\x1b[31m
\u2028
\u0085
\u202e
e\u0301
""")
FEED = _words(r"""
content-type: application/rss+xml; charset=hex\n
content-type: text/html; charset=utf-16\n
<rss version="2.0">
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk">
<rdf:RDF xmlns="http://purl.org/rss/1.0/">
<channel>
</channel>
<item>
</item>
<entry>
</entry>
<title>
<title type="xhtml">
</title>
<link>
</link>
<link rel="alternate" href="
<link rel="next" href="
"/>
<guid isPermaLink="true">
</guid>
<pubDate>
</pubDate>
<updated>
</updated>
<published>
</published>
<dc:date>
</dc:date>
<feedburner:origLink>
</feedburner:origLink>
<language>
</language>
<content type="application/octet-stream">
<georss:point>1 2</georss:point>
<media:content url="a" width="x"/>
<itunes:duration>
<category term="a"/>
<enclosure url="a" length="x"/>
<xhtml:div>
xml:base="http://[/"
{"version": "https://jsonfeed.org/version/1.1", "items": [
{"url": "https://news.example.org/a", "title": "A", "date_published": "2025-04-26T10:15:00Z"},
"next_url":
"\\ud800"
"home_page_url": 1,
]}
""")
SITEMAP = _words(r"""
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
</urlset>
<sitemapindex>
</sitemapindex>
<sitemap>
</sitemap>
<url>
</url>
<loc>
</loc>
<lastmod>
</lastmod>
<news:news>
</news:news>
<news:publication_date>
</news:publication_date>
<news:title>
</news:title>
<news:language>en</news:language>
<image:image><image:loc>
</image:loc></image:image>
<x:loc>
<loc/>
https://news.example.org/a\n
\x1f\x8b\x08\x00
\x1f\x8b\x08\x1e
""")
CDX = _words(r"""
 CDX N b a m s k r M S V g\n
org,example)/a 20190401120000 https://example.org/a text/html 200 ABC - - 1 2 f.warc.gz\n
org,example)/a 20190401120000 {"url": "https://example.org/a", "mime": "text/html", "status": "200"}\n
{"urlkey": "org,example)/a", "timestamp": "20190401120000", "url": "https://example.org/a", "status": "200"}\n
[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],\n
["org,example)/a","20190401120000","https://example.org/a","text/html","200","ABC","1"],\n
["org,example)/b","20190401120000","https://example.org/b","warc/revisit","-","ABC","1"]
]\n
["org,example)/c","2019","https://example.org:80/\\ud800","text/html","200"],
org,example)/d 20191301000000 http://example.org:80/d unk 301\n
""")
WARC = _words(r"""
WARC/1.1\r\n
WARC/1.0\r\n
WARC-Type: response\r\n
WARC-Type: revisit\r\n
WARC-Type: resource\r\n
WARC-Date: 2025-05-01T12:00:00Z\r\n
WARC-Target-URI: https://news.example.org/a\r\n
WARC-Target-URI: <\r\n
Content-Type: application/http; msgtype=response\r\n
Content-Type: text/html; charset=utf-16\r\n
Content-Length: 40\r\n
Content-Length: 99999999999999999999\r\n
Content-Length: -1\r\n
Transfer-Encoding: chunked\r\n
Content-Encoding: gzip, br\r\n
Dateline-Page: {"hint": {"url": 1, "found_by": "feed"}, "site_rights": [], "site": {}}\r\n
HTTP/1.1 200 OK\r\n
HTTP/1.1 999\r\n
\r\n
\r\n\r\n
<html><p>a
5\r\nabcde\r\n0\r\n
\xff\xfe\x00
""")
ROBOTS = _words(r"""
User-agent: *\n
User-agent: dateline\n
user-agent : Dateline/1.0 (+https://example.org/)\n
Disallow: /\n
Disallow:\n
Disallow: /*a*b*c*d*e*f*g*h$\n
Allow: /world/*.html$\n
Allow: %2F%zz%00\n
Crawl-delay: 5\n
Crawl-delay: nan\n
Crawl-delay: -1\n
Crawl-delay: 1e999\n
Crawl-delay: inf\n
Request-rate: 1/0\n
Request-rate: 1/5m 0000-9999\n
Visit-time: 2500-0000\n
Sitemap: https://news.example.org/sitemap.xml\n
Sitemap: //[\n
Host: example.org\n
Clean-param: ref /a\n
Content-Signal: ai-train=no\n
# comment
\r
\xef\xbb\xbf
*
$
%
*/
""")
JSON_LD = _words(r"""
<script type="application/ld+json">
<script>window.__STATE__ =
<script id="__NUXT_DATA__" type="application/json">
<script>self.__next_f.push([1,"
"])</script>
1:T1f,
JSON.parse("
</script>
{"@context": "https://schema.org",
"@graph": [
"@type": "NewsArticle",
"@type": ["WebPage", 1, null],
"@id": "#a",
{"@id": "#a"}
"url": "https://news.example.org/world/council-votes-to-repair-bridge",
"mainEntityOfPage": {"@id":
"headline": "Council votes to repair bridge",
"datePublished": "
"datePublished": {"@value": 1745655300},
"dateModified": ["
"author": [{"@type": "Person", "name": "
"author": {"name": ["a", {"name": null}], "url": 1},
"publisher": {"name":
"articleBody": "
"articleSection": [[[
"keywords": "a,b,,
"image": {"url": {"@list": [
"isAccessibleForFree": "False",
"inLanguage": {"alternateName":
"isPartOf": {"@type": ["CreativeWork"], "name":
"liveBlogUpdate": [
NaN
-Infinity
1e999
"\\ud800"
null
{
}
[
]
,
:
"
\\
""")
PAGE = _words(r"""
charset: hex\n
charset: idna\n
published: Sat, 26 Apr 2025 10:15:00 GMT\n
<meta charset="windows-1251">
<meta charset="unicode_escape">
<meta charset="punycode">
<meta http-equiv="content-type" content="text/html; charset=utf-7">
<html lang="en-US">
<html lang="\u00e4_x">
<head>
<base href="//[/">
<title>
</title>
<meta property="og:title" content="
<meta property="og:url" content="
<meta property="og:image" content="
<meta property="og:locale" content="
<meta property="article:published_time" content="
<meta property="article:tag" content="
<meta name="author" content="
<meta name="description" content="
<meta name="news_keywords" content="
<link rel="canonical" href="
<link rel="license" href="
<link rel="next" href="
<link rel="alternate" type="application/rss+xml" href="
">
<body class="single-post paywall">
<main>
<article itemscope itemtype="https://schema.org/NewsArticle">
</article>
<h1>Council votes to repair the old bridge</h1>
<h2>
<p>
</p>
<p>The council voted on Saturday to repair the old bridge over the river, which a storm had damaged in March.</p>
<br>
<div class="byline author">
<div class="related-links">
<a rel="author" href="/people/ada-stone">Ada Stone</a>
<a href="
</a>
<time datetime="
<time itemprop="datePublished">
<span itemprop="author">
<aside>
<nav>
<footer>
<ul><li>
<table><tr><td>
<figure><figcaption>
<blockquote>
<sup><a href="#fn1">1</a></sup>
<ruby><rt>
<script>
<style>
<svg><math>
<template>
<form><input>
<img src="a" srcset="b 1x">
<iframe src="//a">
<plaintext>
<noscript>
<select><option>
<frameset>
By
Photo:
Read also:
Support us
Sign up for our newsletter
Correction:
Tags:
""")
PAGE_TEXT = next(word for word in PAGE if word.startswith(b"<p>The council"))
LANGUAGES = _words(r"""
language: en\n
language: uk\n
language: ja\n
language: hr\n
language: x-\xff\n
""")
RETRY = _words(r"""
120
0
-1
1e9
\xb2
99999999999999999999999999
Wed, 01 Jan 2025 00:00:30 GMT
Wednesday, 01-Jan-25 00:00:30 GMT
Wed Jan  1 00:00:30 2025
Fri, 31 Dec 9999 23:59:59 -9999
Mon, 01 Jan 0001 00:00:00 +1400
Jan
:
,
+
-
0000
""")
PACKED = _words(r"""
\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03
\x1f\x8b\x08\x1f
\x00\x00\xff\xff
\x03\x00
\x00
{"source": "a", "url": "b", "fetched_at": "2025-04-26T10:15:00+00:00", "status": 200,
"content_type": null, "encoding": null, "hint": null, "validators": {}, "site": {}}
"hint": {"url": "a", "found_by": "feed"}
"hint": {"found_by": []}
"validators": []
"site": {"x": 1}
"fetched_at": 1
"fetched_at": "T"
\n
x\x9c
[]
1
""")
