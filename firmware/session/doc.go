// Package session is the queue of a permanence: who came, who is called, who is
// received, and what became of everybody. It is pure: a command is decided
// against a state and becomes events, events evolve the state, and effects say
// what the world should do about them. It reads no clock and draws no random
// number; time, identifiers and rules come in as values.
//
//	Decide(s, command, at) → events or a Refusal
//	Evolve(s, event)       → the next state; never fails, for events are facts
//	React(s, event)        → effects; never asked on replay
//	Next(s)                → when time alone will matter
//
// A State is a value. Evolve shares what it does not change with the state that
// it came from, so a state costs the same after three tickets or three thousand,
// anybody may keep one, and a draft is thrown away by forgetting it.
//
// What it promises, after any sequence of commands:
//
//	issued = served + no-show + left + cancelled + misrouted + oriented + unresolved + still here
//
// Every visit is a list of intervals of which exactly one is open until the
// visit ends. Numbers are 1, 2, 3… per permanence, never reused; the identity of
// a visit is a 128-bit value that comes with the command, the number is only
// what people see.
//
// The session knows the declared motif, the role needed, the expected length and
// the language of a visit. It knows no answer to any question.
package session
