package uart

// Advice shows advice to tests.
var Advice = advice
