// SPDX-License-Identifier: Apache-2.0

package commandline

import (
	"errors"
	"fmt"
)

// Exit codes of every command; its help lists those that it has besides.
const (
	Failed     = 1
	WrongUsage = 64 // EX_USAGE of sysexits.h
)

// Usage is a wrong command line.
type Usage struct{ error }

func (u Usage) Unwrap() error { return u.error }

// Usagef makes a Usage.
func Usagef(format string, args ...any) error { return Usage{fmt.Errorf(format, args...)} }

// Exit ends the command with this code; everything has been said.
type Exit int

func (e Exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// coded is an error with the exit code that goes with it.
type coded struct {
	code int
	error
}

func (e coded) Unwrap() error { return e.error }

// WithCode gives an error its exit code; nil stays nil.
func WithCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return coded{code, err}
}

// Code is the exit code that belongs to an error: 0 for none, Failed for one that has no other.
func Code(err error) int {
	var exit Exit
	var withCode coded
	var usage Usage
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &withCode):
		return withCode.code
	case errors.As(err, &usage):
		return WrongUsage
	}
	return Failed
}
