// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"ocf-oci/internal/icmp"
)

// sockets is what the parameter options asks for.
type sockets struct {
	icmp.Options
	family int // 4, 6, or 0 for both
}

// withArgument are the options of ping(8) (iputils) and fping(8) that take an argument, and are not followed here.
var withArgument = map[string]string{
	"-c": "set attempts", "-C": "set attempts", "-r": "set attempts", "-W": "set timeout", "-w": "set timeout",
	"-i": "", "-l": "", "-p": "", "-T": "", "-F": "", "-N": "", "-B": "", "-f": "", "-g": "", "-o": "", "-x": "", "-X": "",
	// These two mean different things to ping and fping, so following them would be a guess.
	"-t": "it is the time to live for ping and the timeout for fping; use -H or set timeout",
}

// silent are the options that only change what ping and fping print.
const silent = "-a -A -d -D -e -E -h -n -q -u -U -v -V -L -R"

// parseOptions reads options as ping or fping would. Notes say what has no effect.
func parseOptions(text string) (s sockets, notes []string) {
	words := strings.Fields(text)
	ignore := func(option, remedy string) {
		note := "options: " + option + " has no effect"
		if remedy != "" {
			note += ": " + remedy
		}
		notes = append(notes, note)
	}
	for i := 0; i < len(words); i++ {
		option, value, has := split(words[i])
		argument := func() string { // the option's argument, taken from the next word if need be
			if !has && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
				i, has, value = i+1, true, words[i+1]
			}
			return value
		}
		number := func(to *int, most int) {
			n, err := strconv.ParseUint(argument(), 0, 31)
			if err != nil || int(n) > most {
				ignore(strings.TrimSpace(option+" "+value), fmt.Sprintf("its argument is no number up to %d", most))
				return
			}
			*to = int(n)
		}
		switch option {
		case "-4", "--ipv4":
			s.family = 4
		case "-6", "--ipv6":
			s.family = 6
		case "-I", "--iface":
			if addr, err := netip.ParseAddr(argument()); err == nil {
				s.Source = addr.Unmap()
			} else if value != "" {
				s.Interface = value
			}
		case "-S", "--src":
			addr, err := netip.ParseAddr(argument())
			if err != nil { // for ping this is the size of a socket buffer
				ignore(strings.TrimSpace(option+" "+value), "")
				continue
			}
			s.Source = addr.Unmap()
		case "-s", "-b", "--size":
			if argument() == "" { // ping -b and fping -s take none
				continue
			}
			number(&s.Size, 65507)
		case "-H", "--ttl":
			number(&s.TTL, 255)
		case "-O", "-Q", "--tos":
			if argument() == "" { // ping -O takes none
				continue
			}
			number(&s.TOS, 255)
		case "-m", "--fwmark":
			if argument() == "" { // fping -m takes none
				continue
			}
			number(&s.Mark, 1<<31-1)
		case "-M", "--dontfrag":
			switch argument() {
			case "do", "": // fping -M
				s.DontFragment = true
			default:
				ignore(option+" "+value, "")
			}
		default:
			if strings.Contains(" "+silent+" ", " "+option+" ") {
				continue
			}
			remedy, takes := withArgument[option]
			if takes {
				argument()
			}
			ignore(strings.TrimSpace(option+" "+value), remedy)
		}
	}
	return s, notes
}

// split separates an option from an argument written in the same word: -I10.0.0.1, --ttl=5.
func split(word string) (option, value string, has bool) {
	if strings.HasPrefix(word, "--") {
		option, value, has = strings.Cut(word, "=")
		return option, value, has
	}
	if len(word) > 2 && word[0] == '-' && strings.IndexByte("IsSbHOQmMtcCrWwilpTB", word[1]) >= 0 {
		return word[:2], word[2:], true
	}
	return word, "", false
}
