/* SPDX-License-Identifier: GPL-2.0-or-later */
{ "no rules at all", "AAAAAAA", { { NONE, NULL } } },
	{ "nft: policy drop",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: policy accept",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the port is accepted",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: another port is",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport 2050 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the same port of udp is",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "udp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the port of any transport",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "meta l4proto { tcp, udp } th dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a set of ports and ranges",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport { 22, 2000-2100 } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: all ports but a range",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "tcp dport != 1-1023 drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: one address",
	  "ADDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr 10.9.0.2 tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: all but one address",
	  "ADDDAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "ip saddr != 10.9.0.2 drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: all of version 6 but one",
	  "AAAAADD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "ip6 saddr != fd09::2 drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a network",
	  "AAADDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr 10.9.0.0/24 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a network of version 6",
	  "DDDDAAD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip6 saddr fd09::/32 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a range of addresses",
	  "DAADDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr 10.9.0.3-10.9.0.200 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a mask with holes",
	  "UUUUDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr & 255.255.0.255 == 10.9.0.2 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a named set with intervals",
	  "AADDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "set nodes {\n"
	      "type ipv4_addr; flags interval; elements = { 10.9.0.0/25, 172.16.0.0/12 }\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr @nodes tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a named set without elements",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "set nodes {\n"
	      "type ipv4_addr;\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr @nodes accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: elements with comment and end",
	  "ADDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "set nodes {\n"
	      "type ipv4_addr; flags timeout; elements = { 10.9.0.2 timeout 1h comment \"one\" }\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr @nodes accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a negated set",
	  "DDAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "ip saddr { 10.9.0.2, 10.9.0.3 } drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: not in a set",
	  "AADDAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "ip saddr != { 10.9.0.2, 10.9.0.3 } drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: an address and a port at once",
	  "ADDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr . tcp dport { 10.9.0.2 . 2049, 10.9.0.3 . 22 } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: intervals in a concatenation",
	  "AADDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr . tcp dport { 10.9.0.0/25 . 2000-3000 } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: interface, address and port at once",
	  "AAADDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "iifname . ip saddr . tcp dport { \"lan0\" . 10.9.0.0/24 . 2049 } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a map to verdicts",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport vmap { 22 : drop, 2049 : accept }\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a map without the port",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport vmap { 22 : accept }\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a map ends its rule",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport vmap { 22 : drop } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a named map with a jump",
	  "ADDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "map ports {\n"
	      "type inet_service : verdict; elements = { 22 : accept, 2049 : jump nfs }\n"
	      "}\n"
	      "chain nfs {\n"
	      "ip saddr 10.9.0.2 accept\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport vmap @ports\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a map of addresses",
	  "ARDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain no {\n"
	      "reject\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr vmap { 10.9.0.2 : accept, 10.9.0.3 : jump no }\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: states by map",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ct state vmap { established : accept, related : accept, invalid : drop }\n"
	      "tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: new connections only",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ct state established,related accept\n"
	      "ct state new tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: not new",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ct state != new accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: none of these states",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ct state ! established,related accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the usual workstation",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ct state established,related accept\n"
	      "iif lo accept\n"
	      "ip protocol icmp accept\n"
	      "meta l4proto ipv6-icmp accept\n"
	      "tcp dport 22 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: untracked, after notrack",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain raw {\n"
	      "type filter hook prerouting priority raw; policy accept;\n"
	      "tcp dport 2049 notrack\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ct state new accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the interface",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "iifname \"lan0\" accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the interface by number",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "iif \"lan0\" tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: names that begin so",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "iifname \"la*\" accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: another interface",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "iifname { \"eth0\", \"lo\" } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: any interface but one",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "iifname != \"lan0\" accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: reject",
	  "RRRRRRR",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "reject\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: reject with a reset",
	  "ARRRRRR",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "ip saddr 10.9.0.2 accept\n"
	      "meta l4proto tcp reject with tcp reset\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: reject as prohibited",
	  "RRRRRRR",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "tcp dport 2049 reject with icmpx admin-prohibited\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: an earlier rule counts",
	  "DADDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip saddr 10.9.0.2 drop\n"
	      "ip saddr 10.9.0.0/25 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a jump that returns",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain side {\n"
	      "return\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "jump side\n"
	      "accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a goto does not come back",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain side {\n"
	      "ip daddr 1.2.3.4 accept\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "goto side\n"
	      "accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a goto of a jumped chain returns beyond it",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain two {\n"
	      "return\n"
	      "}\n"
	      "chain one {\n"
	      "goto two\n"
	      "drop\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "jump one\n"
	      "accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: return of a base chain is its policy",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "return\n"
	      "accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: continue goes on",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport 2049 continue\n"
	      "accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the packet's own address",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip daddr 10.9.0.1 accept\n"
	      "ip6 daddr fd09::1 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: another own address",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ip daddr 10.9.0.7 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a local address",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "fib daddr type local tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a broadcast address",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "fib daddr type { broadcast, multicast } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a reverse path filter",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook prerouting priority -300; policy accept;\n"
	      "fib saddr . iif oif missing drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the family",
	  "DDDDAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "meta nfproto ipv6 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the protocol of the frame",
	  "AAAADDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "meta protocol ip accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: marked on the way",
	  "ADDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain pre {\n"
	      "type filter hook prerouting priority mangle; policy accept;\n"
	      "ip saddr 10.9.0.2 meta mark set 7\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "meta mark 7 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: bits of a mark",
	  "DAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain pre {\n"
	      "type filter hook prerouting priority mangle; policy accept;\n"
	      "ip saddr 10.9.0.2 meta mark set 0x17\n"
	      "}\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "meta mark & 0xf0 == 0x10 drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: SYN alone",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp flags & (fin|syn|rst|ack) == syn accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: bits that a first packet lacks",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "tcp flags & (ack|rst) != 0 drop\n"
	      "tcp flags & (fin|syn) == (fin|syn) drop\n"
	      "tcp flags & (syn|rst) == (syn|rst) drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: any of these flags",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp flags { ack, rst } accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a limit",
	  "UUUUUUU",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport 2049 limit rate 1/minute accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a limit that matters not",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "limit rate 1/minute log prefix \"x\"\n"
	      "tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a time limit over",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy accept;\n"
	      "tcp dport 2049 drop\n"
	      "tcp dport 2049 limit rate 1/minute accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a match that is not known",
	  "UUUUUUU",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "ether saddr 02:00:00:00:09:02 accept\n"
	      "ip6 hoplimit 64 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: the packet's kind",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "meta pkttype host accept\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: counters and comments",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport 2049 counter accept comment \"nfs\"\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: redirected to another port",
	  "UUUUUUU",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type nat hook prerouting priority -100; policy accept;\n"
	      "tcp dport 2049 redirect to :2050\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: another port is redirected",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type nat hook prerouting priority -100; policy accept;\n"
	      "tcp dport 80 redirect to :2050\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: dropped before it is routed",
	  "DAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook prerouting priority -300; policy accept;\n"
	      "ip saddr 10.9.0.2 drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a hook it does not come through",
	  "AAAAAAA",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook forward priority 0; policy accept;\n"
	      "drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a table of the other family",
	  "AAAADDD",
	  { { NFT,
	      "table ip6 t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: what one chain accepts the next drops",
	  "DDDDDDD",
	  { { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority -10; policy drop;\n"
	      "tcp dport 2049 accept\n"
	      "}\n"
	      "}\n"
	      "table inet u {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: ingress of the link",
	  "UAAAAAA",
	  { { NFT,
	      "table netdev n {\n"
	      "chain c {\n"
	      "type filter hook ingress device \"lan0\" priority 0; policy accept;\n"
	      "ip saddr 10.9.0.2 drop\n"
	      "}\n"
	      "}\n" } } },
	{ "nft: a table that sleeps",
	  "UUUUUUU",
	  { { NFT,
	      "table inet z {\n"
	      "flags dormant\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "}\n"
	      "}\n" } } },
	{ "iptables-legacy: policy drop",
	  "DDDDDDD",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "\n"
	      "COMMIT\n" },
	    { LEGACY6,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: policy drop",
	  "DDDDDDD",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "\n"
	      "COMMIT\n" },
	    { XT6,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: policy accept",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: policy accept",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: an address and the port",
	  "ADDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -p tcp -m tcp --dport 2049 -m comment --comment \"gshare \\\"x\\\" y\" -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: an address and the port",
	  "ADDDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -p tcp -m tcp --dport 2049 -m comment --comment \"gshare \\\"x\\\" y\" -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: all but an address",
	  "ADDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT ! -s 10.9.0.2/32 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: all but an address",
	  "ADDDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT ! -s 10.9.0.2/32 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: networks of both versions",
	  "AAADAAD",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.0/24 -j ACCEPT\n"
	      "COMMIT\n" },
	    { LEGACY6,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s fd09::/32 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: networks of both versions",
	  "AAADAAD",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.0/24 -j ACCEPT\n"
	      "COMMIT\n" },
	    { XT6,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s fd09::/32 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a mask with holes",
	  "UUUUAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.2/255.255.0.255 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a mask with holes",
	  "UUUUAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.2/255.255.0.255 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: several ports",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m multiport --dports 22,2000:2100 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: several ports",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m multiport --dports 22,2000:2100 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: not these ports",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m multiport ! --dports 22,80 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: not these ports",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m multiport ! --dports 22,80 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: states",
	  "DDDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: states",
	  "DDDDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: old states",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m state --state NEW,ESTABLISHED -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: old states",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m state --state NEW,ESTABLISHED -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: an interface",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -i lan+ -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: an interface",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -i lan+ -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: not an interface",
	  "DDDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT ! -i lan0 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: not an interface",
	  "DDDDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT ! -i lan0 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a range of addresses",
	  "DAADAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m iprange --src-range 10.9.0.3-10.9.0.200 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a range of addresses",
	  "DAADAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m iprange --src-range 10.9.0.3-10.9.0.200 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: types of addresses",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m addrtype --dst-type BROADCAST,MULTICAST -j DROP\n"
	      "-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: types of addresses",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m addrtype --dst-type BROADCAST,MULTICAST -j DROP\n"
	      "-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: reject",
	  "RRRRRRR",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -p tcp -j REJECT --reject-with tcp-reset\n"
	      "COMMIT\n" },
	    { LEGACY6,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -p tcp -j REJECT --reject-with tcp-reset\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: reject",
	  "RRRRRRR",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -p tcp -j REJECT --reject-with tcp-reset\n"
	      "COMMIT\n" },
	    { XT6,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -p tcp -j REJECT --reject-with tcp-reset\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: reject as prohibited",
	  "RRRRAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -j REJECT --reject-with icmp-host-prohibited\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: reject as prohibited",
	  "RRRRAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -j REJECT --reject-with icmp-host-prohibited\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a chain that returns",
	  "DADDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      ":one - [0:0]\n"
	      "-A INPUT -j one\n"
	      "-A INPUT -s 10.9.0.0/25 -j ACCEPT\n"
	      "-A one -s 10.9.0.2/32 -j DROP\n"
	      "-A one -j RETURN\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a chain that returns",
	  "DADDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      ":one - [0:0]\n"
	      "-A INPUT -j one\n"
	      "-A INPUT -s 10.9.0.0/25 -j ACCEPT\n"
	      "-A one -s 10.9.0.2/32 -j DROP\n"
	      "-A one -j RETURN\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a goto",
	  "DDDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      ":one - [0:0]\n"
	      "-A INPUT -g one\n"
	      "-A INPUT -j ACCEPT\n"
	      "-A one -p udp -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a goto",
	  "DDDDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      ":one - [0:0]\n"
	      "-A INPUT -g one\n"
	      "-A INPUT -j ACCEPT\n"
	      "-A one -p udp -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: flags",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: flags",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: not a SYN",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: not a SYN",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a fragment",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -f -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a fragment",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -f -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a limit",
	  "UUUUAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m limit --limit 1/min -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a limit",
	  "UUUUAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m limit --limit 1/min -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a limit of the log alone",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m limit --limit 1/min -j LOG\n"
	      "-A INPUT -p tcp -m tcp --dport 2049 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a limit of the log alone",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m limit --limit 1/min -j LOG\n"
	      "-A INPUT -p tcp -m tcp --dport 2049 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: the last seen",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m recent --set --name x --mask 255.255.255.255 --rsource -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: the last seen",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -m recent --set --name x --mask 255.255.255.255 --rsource -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: marks",
	  "DADDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -j MARK --set-xmark 0x8000/0x8000\n"
	      "-A INPUT -m mark --mark 0x8000/0x8000 -j DROP\n"
	      "-A INPUT -s 10.9.0.0/25 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: marks",
	  "DADDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -j MARK --set-xmark 0x8000/0x8000\n"
	      "-A INPUT -m mark --mark 0x8000/0x8000 -j DROP\n"
	      "-A INPUT -s 10.9.0.0/25 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: not marked",
	  "ADDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -j MARK --set-xmark 0x3/0xffffffff\n"
	      "-A INPUT -m mark ! --mark 0x2/0x6 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: not marked",
	  "ADDDAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -j MARK --set-xmark 0x3/0xffffffff\n"
	      "-A INPUT -m mark ! --mark 0x2/0x6 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: raw",
	  "DAAAAAA",
	  { { LEGACY,
	      "*raw\n"
	      ":PREROUTING ACCEPT [0:0]\n"
	      "-A PREROUTING -s 10.9.0.2/32 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: raw",
	  "DAAAAAA",
	  { { XT,
	      "*raw\n"
	      ":PREROUTING ACCEPT [0:0]\n"
	      "-A PREROUTING -s 10.9.0.2/32 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: mangle",
	  "DAAAAAA",
	  { { LEGACY,
	      "*mangle\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: mangle",
	  "DAAAAAA",
	  { { XT,
	      "*mangle\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -s 10.9.0.2/32 -j DROP\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: sent to another port",
	  "UUUUAAA",
	  { { LEGACY,
	      "*nat\n"
	      ":PREROUTING ACCEPT [0:0]\n"
	      "-A PREROUTING -p tcp -m tcp --dport 2049 -j REDIRECT --to-ports 2050\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: sent to another port",
	  "UUUUAAA",
	  { { XT,
	      "*nat\n"
	      ":PREROUTING ACCEPT [0:0]\n"
	      "-A PREROUTING -p tcp -m tcp --dport 2049 -j REDIRECT --to-ports 2050\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: routing headers",
	  "AAAAAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "\n"
	      "COMMIT\n" },
	    { LEGACY6,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -m rt --rt-type 0 -j DROP\n"
	      "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: routing headers",
	  "AAAAAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "\n"
	      "COMMIT\n" },
	    { XT6,
	      "*filter\n"
	      ":INPUT ACCEPT [0:0]\n"
	      "-A INPUT -m rt --rt-type 0 -j DROP\n"
	      "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-legacy: a match that is not known",
	  "UUUUAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m length --length 0:100 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "iptables-nft: a match that is not known",
	  "UUUUAAA",
	  { { XT,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -m length --length 0:100 -j ACCEPT\n"
	      "COMMIT\n" } } },
	{ "legacy accepts, nft drops",
	  "DDDDDDD",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "-A INPUT -p tcp -j ACCEPT\n"
	      "COMMIT\n" },
	    { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "\n"
	      "}\n"
	      "}\n" } } },
	{ "legacy drops, nft accepts",
	  "DDDDAAA",
	  { { LEGACY,
	      "*filter\n"
	      ":INPUT DROP [0:0]\n"
	      "COMMIT\n" },
	    { NFT,
	      "table inet t {\n"
	      "chain c {\n"
	      "type filter hook input priority 0; policy drop;\n"
	      "tcp dport 2049 accept\n"
	      "}\n"
	      "}\n" } } },
	{ "ufw, iptables-legacy",
	  "ADDUAAD",
	  { { LEGACY, "@ufw.save" }, { LEGACY6, "@ufw.save6" } } },
	{ "ufw, iptables-nft", "ADDUAAD", { { XT, "@ufw.save" }, { XT6, "@ufw.save6" } } },
	{ "firewalld, nftables", "ADRAAAR", { { NFT, "@firewalld.nft" } } },
	{ "firewalld, iptables-nft",
	  "ADRAAAR",
	  { { XT, "@firewalld.save" }, { XT6, "@firewalld.save6" } } },
	{ "firewalld, iptables-legacy",
	  "ADRAAAR",
	  { { LEGACY, "@firewalld.save" }, { LEGACY6, "@firewalld.save6" } } },
	{ "Docker, iptables-legacy", "AAAAAAA", { { LEGACY, "@docker.save" } } },
	{ "Docker, iptables-nft, and a drop policy",
	  "DDDDAAA",
	  { { XT, "@docker.save" }, { XT, "*filter\n:INPUT DROP [0:0]\nCOMMIT\n" } } },
	{ "kube-proxy, iptables-nft", "AAAAAAA", { { XT, "@kube-proxy.save" } } },
	{ "kube-proxy, iptables-legacy", "AAAAAAA", { { LEGACY, "@kube-proxy.save" } } },
