"""What is wrong with it: functions that yield findings, indicators and the children they meet."""
